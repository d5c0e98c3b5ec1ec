package dev.narthex.catalog;

import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.sql.Row;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a cache has a file that is not at the store path that somebody looked for: by another hash of it, or under another
 * name. Looked up by package and version, which are in the bytes of a file, and so stay within the cache: an index over all
 * digests would be asked about other caches too.
 */
@ApplicationScoped
public class SameBytes {
    private final Sql sql;

    SameBytes(Sql sql) {
        this.sql = sql;
    }

    /**
     * @param versionKey of the version, which is the same for all its spellings, in hexadecimal digits
     * @param digest of the whole file, SHA-512, SHA-256 or SHA-1
     */
    public record Wanted(String normalised, String versionKey, NixHash digest) {
        /** @param versionKey its unsigned byte order is version order */
        public Wanted(String normalised, byte[] versionKey, NixHash digest) {
            this(normalised, HexFormat.of().formatHex(versionKey), digest);
        }

        private ContentAddress ca() {
            return new ContentAddress.Fixed(false, digest);
        }
    }

    /**
     * @param path that holds the file
     * @param filename of the file as clients of its ecosystem know it
     * @param ca of the path, if it has one
     */
    public record Place(StorePath path, String filename, Optional<ContentAddress> ca) {
        static Place of(Row row) {
            return new Place(
                    new StorePath(row.text("hash_part"), row.text("name")),
                    row.text("filename"),
                    row.maybeText("ca").map(ContentAddress::parse));
        }
    }

    /**
     * Of those that are here one place each: a path that is named by this very digest, else one by another digest of the file,
     * the strongest first, else any that holds it. One statement for all, which reads the files of a version once, however
     * many are looked for among them.
     */
    public Map<Wanted, Place> find(long cacheId, String ecosystem, List<Wanted> wanted) {
        var parameters = Map.<String, Object>of(
                "cache",
                cacheId,
                "ecosystem",
                ecosystem,
                "names",
                texts(wanted, Wanted::normalised),
                "versions",
                texts(wanted, Wanted::versionKey),
                "digests",
                texts(wanted, one -> one.digest().hex()),
                "addresses",
                texts(wanted, one -> one.ca().toString()));
        var found = new HashMap<Wanted, Place>();
        for (var row : sql.rows("""
                with w as materialized (
                  select ord, name, decode(version, 'hex') as version, decode(digest, 'hex') as digest, ca
                  from unnest(cast(:names as text[]), cast(:versions as text[]), cast(:digests as text[]),
                    cast(:addresses as text[])) with ordinality as given(name, version, digest, ca, ord)),
                held as materialized (
                  select v.name, v.version, d.digest, a.id, a.path_id, a.filename
                  from (select distinct name, version from w) v
                    join package p on p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalised = v.name
                    join release r on r.package_id = p.id and r.version_key = v.version
                    join artifact a on a.release_id = r.id
                    cross join lateral (values (a.sha512), (a.sha256), (a.sha1)) as d(digest))
                select distinct on (w.ord) w.ord, s.hash_part, s.name, s.ca, h.filename
                from w join held h on h.name = w.name and h.version = w.version and h.digest = w.digest
                  join path f on f.id = h.path_id
                  join path s on s.cache_id = :cache and s.nar_id = f.nar_id
                  join nar_facts n on n.id = s.nar_id
                order by w.ord, s.ca is distinct from w.ca, s.ca like 'fixed:sha512:%' is not true,
                    s.ca like 'fixed:sha256:%' is not true, h.id, s.id""", parameters)) {
            found.put(wanted.get((int) row.number("ord") - 1), Place.of(row));
        }
        return found;
    }

    private static String[] texts(List<Wanted> wanted, Function<Wanted, String> text) {
        return wanted.stream().map(text).toArray(String[]::new);
    }
}
