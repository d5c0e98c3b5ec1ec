package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import dev.narthex.nix.NixHash;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what a digest identifies: a path by the hash of its NAR, uncompressed or as stored, or a release by the hash of its file.
 */
@ApplicationScoped
public class DigestLookup {
    private static final String PATH = """
            select c.name as cache, p.hash_part from (
                select n.id from cache d join nar_facts n on n.domain_id = d.domain_id and n.nar_hash = :digest
                where d.id = any(cast(:caches as bigint[]))
                union all select n.id from nar_facts n where n.file_hash = :digest) n
              join path p on p.nar_id = n.id join cache c on c.id = p.cache_id
            where p.cache_id = any(cast(:caches as bigint[])) order by p.id limit 1""";

    private static final String RELEASE = """
            select c.name as cache, p.ecosystem, p.normalized, r.version
            from artifact a join release r on r.id = a.release_id join package p on p.id = r.package_id
              join cache c on c.id = p.cache_id
            where a.%s = :digest and p.cache_id = any(cast(:caches as bigint[]))
            order by a.state = 'released' desc, a.id limit 1""";

    private final Database sql;

    DigestLookup(Database sql) {
        this.sql = sql;
    }

    /** The object that a digest identifies. */
    public sealed interface DigestMatch {
        record PathMatch(String cache, String hash) implements DigestMatch {}

        record ReleaseMatch(String cache, String ecosystem, String normalized, String version) implements DigestMatch {}
    }

    /**
     * Finds the path or release with this digest. Only SHA-256 and SHA-512 are supported; other algorithms find nothing.
     *
     * @param digest of a NAR, uncompressed or as stored, or of a file
     */
    public Optional<DigestMatch> find(Collection<Long> cacheIds, NixHash digest) {
        var parameters = Map.<String, Object>of("digest", digest.bytes(), "caches", cacheIds.toArray(Long[]::new));
        return switch (digest.algorithm()) {
            case SHA256 -> path(parameters).or(() -> release("sha256", parameters));
            case SHA512 -> release("sha512", parameters);
            case MD5, SHA1 -> Optional.empty();
        };
    }

    private Optional<DigestMatch> path(Map<String, Object> parameters) {
        return sql.statement(PATH)
                .bindAll(parameters)
                .first()
                .map(row -> new DigestMatch.PathMatch(row.string("cache"), row.string("hash_part")));
    }

    private Optional<DigestMatch> release(String column, Map<String, Object> parameters) {
        return sql.statement(RELEASE.formatted(column))
                .bindAll(parameters)
                .first()
                .map(row -> new DigestMatch.ReleaseMatch(
                        row.string("cache"), row.string("ecosystem"), row.string("normalized"), row.string("version")));
    }
}
