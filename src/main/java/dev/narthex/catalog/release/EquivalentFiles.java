package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds files that a cache has at another store path than the requested one: by another hash algorithm, or under another name.
 * Looks them up by package and version, within one cache, because an index over all digests would also cover other caches.
 */
@ApplicationScoped
public class EquivalentFiles {
    private final Database sql;

    EquivalentFiles(Database sql) {
        this.sql = sql;
    }

    /**
     * A file to find.
     *
     * @param versionKey sort key of the version, equal for all its spellings, in hexadecimal
     * @param digest of the whole file, SHA-512, SHA-256 or SHA-1
     */
    public record FileQuery(String normalized, String versionKey, NixHash digest) {
        /** @param versionKey sort key; its unsigned byte order is the version order */
        public FileQuery(String normalized, byte[] versionKey, NixHash digest) {
            this(normalized, HexFormat.of().formatHex(versionKey), digest);
        }

        private ContentAddress ca() {
            return new ContentAddress.Fixed(false, digest);
        }
    }

    /**
     * A path with the file.
     *
     * @param path that contains the file
     * @param filename under which clients of the ecosystem know the file
     * @param ca of the path, if it has one
     */
    public record EquivalentFile(StorePath path, String filename, Optional<ContentAddress> ca) {
        static EquivalentFile of(Row row) {
            return new EquivalentFile(
                    new StorePath(row.string("hash_part"), row.string("name")),
                    row.string("filename"),
                    row.optionalString("ca").map(ContentAddress::parse));
        }
    }

    /**
     * Finds at most one path per file. Prefers a path addressed by the requested digest, then one addressed by another digest,
     * the strongest first, then any path with the same bytes. A single query, which reads the files of each version once.
     */
    public Map<FileQuery, EquivalentFile> find(long cacheId, String ecosystem, List<FileQuery> queries) {
        var parameters = Map.<String, Object>of(
                "cache",
                cacheId,
                "ecosystem",
                ecosystem,
                "names",
                texts(queries, FileQuery::normalized),
                "versions",
                texts(queries, FileQuery::versionKey),
                "digests",
                texts(queries, query -> query.digest().hex()),
                "addresses",
                texts(queries, query -> query.ca().toString()));
        var files = new HashMap<FileQuery, EquivalentFile>();
        for (var row : sql.statement("""
                with w as materialized (
                  select ord, name, decode(version, 'hex') as version, decode(digest, 'hex') as digest, ca
                  from unnest(cast(:names as text[]), cast(:versions as text[]), cast(:digests as text[]),
                    cast(:addresses as text[])) with ordinality as given(name, version, digest, ca, ord)),
                held as materialized (
                  select v.name, v.version, d.digest, a.id, a.path_id, a.filename
                  from (select distinct name, version from w) v
                    join package p on p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = v.name
                    join release r on r.package_id = p.id and r.version_key = v.version
                    join artifact a on a.release_id = r.id
                    cross join lateral (values (a.sha512), (a.sha256), (a.sha1)) as d(digest))
                select distinct on (w.ord) w.ord, s.hash_part, s.name, s.ca, h.filename
                from w join held h on h.name = w.name and h.version = w.version and h.digest = w.digest
                  join path f on f.id = h.path_id
                  join path s on s.cache_id = :cache and s.nar_id = f.nar_id
                  join nar_facts n on n.id = s.nar_id
                order by w.ord, s.ca is distinct from w.ca, s.ca like 'fixed:sha512:%' is not true,
                    s.ca like 'fixed:sha256:%' is not true, h.id, s.id""").bindAll(parameters).list()) {
            files.put(queries.get((int) row.longValue("ord") - 1), EquivalentFile.of(row));
        }
        return files;
    }

    private static String[] texts(List<FileQuery> queries, Function<FileQuery, String> text) {
        return queries.stream().map(text).toArray(String[]::new);
    }
}
