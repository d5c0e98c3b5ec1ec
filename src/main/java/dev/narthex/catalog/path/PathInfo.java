package dev.narthex.catalog.path;

import dev.narthex.db.Row;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A store path in a cache, with the data of its narinfo.
 *
 * @param narSize of the NAR in bytes
 * @param fileSize of the stored form in bytes
 * @param fileHash of the stored form, if recorded
 * @param encoding changes whenever the stored form does
 * @param narKind storage kind, which only the store interprets
 * @param references base names, including its own if it references itself
 * @param sigs only the pushed signatures; the cache's own are computed when the narinfo is served
 * @param origin "pushed", "published", "derived" or "upstream"
 * @param damagedAt when the stored bytes were found damaged; always empty in results of {@link Paths#find}
 */
public record PathInfo(
        long id,
        long cacheId,
        StorePath path,
        long narId,
        NixHash narHash,
        long narSize,
        long fileSize,
        Optional<NixHash> fileHash,
        UUID encoding,
        int narKind,
        List<String> references,
        Optional<StorePath> deriver,
        Optional<ContentAddress> ca,
        List<Signature> sigs,
        String origin,
        Optional<String> pushedBy,
        Instant pushedAt,
        Optional<Instant> damagedAt) {
    public PathInfo {
        references = List.copyOf(references);
        sigs = List.copyOf(sigs);
    }

    public StoredPath toStoredPath() {
        return new StoredPath(id, path, pushedAt, pushedBy);
    }

    static PathInfo of(Row row) {
        return new PathInfo(
                row.longValue("id"),
                row.longValue("cache_id"),
                new StorePath(row.string("hash_part"), row.string("name")),
                row.longValue("nar_id"),
                row.hash("nar_hash", HashAlgorithm.SHA256),
                row.longValue("nar_size"),
                row.longValue("file_size"),
                row.optionalHash("file_hash", HashAlgorithm.SHA256),
                row.uuid("encoding"),
                (int) row.longValue("kind"),
                row.strings("refs"),
                row.optionalString("deriver").map(StorePath::parseBaseName),
                row.optionalString("ca").map(ContentAddress::parse),
                row.strings("sigs").stream().map(Signature::parse).toList(),
                row.string("origin"),
                row.optionalString("pushed_by"),
                row.instant("pushed_at"),
                row.optionalInstant("damaged_at"));
    }
}
