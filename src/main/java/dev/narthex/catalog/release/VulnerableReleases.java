package dev.narthex.catalog.release;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.spi.Registry.Vulnerable;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Finds releases with known vulnerabilities. Vulnerabilities of a build apply to all releases of the same project: they are
 * reported in metadata of the build, while clients of a registry download the tarball from which it was built.
 */
@ApplicationScoped
public class VulnerableReleases {
    static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

    /**
     * The condition equals that of the index release_vulnerable, which contains the few such releases of all caches.
     * {@code offset 0} makes the planner start with it.
     */
    private static final String VULNERABLE = """
            select g.name, g.normalised, f.version, cast(jsonb_agg(distinct k.text) as text) as vulnerabilities
            from (select n.* from release n
                where n.state = 'released' and n.facts -> 'vulnerabilities' <> '[]' offset 0) r
              cross join lateral (select o.* from package o where o.id = r.package_id and o.cache_id = :cache offset 0) p
              cross join lateral (%s) l
              join release f on f.id = l.release_id and f.state = 'released'
              join package g on g.id = f.package_id and g.cache_id = p.cache_id and g.ecosystem = :ecosystem
              cross join lateral jsonb_array_elements_text(r.facts -> 'vulnerabilities') k (text)
            group by g.name, g.normalised, f.version, f.version_key
            order by g.normalised, f.version_key limit :limit""".formatted(SameProjectSql.releases("p"));

    /**
     * Columns of {@link VulnerableRelease}: release {@code f} of package {@code g}, with the time of the latest metadata for
     * its paths.
     */
    private static final String FLAWED = """
            g.ecosystem, g.name, g.normalised, f.version, f.state = 'released' as released,
            cast(coalesce(f.facts -> 'vulnerabilities', '[]') as text) as vulnerabilities,
            (select max(m.at) from artifact a join path s on s.id = a.path_id and s.cache_id = g.cache_id
               join derivation_meta m on m.cache_id = s.cache_id and m.hash_part = s.hash_part
             where a.release_id = f.id) as told_at""";

    private static final String PROJECT = """
            select %s, cast('' as text) as hash_part
            from (select distinct l.release_id from release r join package p on p.id = r.package_id and p.cache_id = :cache
                cross join lateral (select r.id as release_id union all %s) l where r.id = :release) l
              join release f on f.id = l.release_id and (f.state = 'released' or f.id = :release)
              join package g on g.id = f.package_id and g.cache_id = :cache
            order by f.id = :release desc, g.ecosystem, g.normalised, f.version_key limit :limit""".formatted(FLAWED, SameProjectSql.releases("p"));

    private static final String CARRIED = """
            select distinct %s, cast(s.hash_part as text) as hash_part, f.version_key
            from (select n.* from release n
                where n.state = 'released' and n.facts -> 'vulnerabilities' <> '[]' offset 0) f
              join package g on g.id = f.package_id and g.cache_id = :cache
              join artifact a on a.release_id = f.id and a.state = 'released'
              join path s on s.id = a.path_id and s.cache_id = :cache and s.hash_part = any(cast(:hashes as char(32)[]))
            order by g.normalised, f.version_key, g.ecosystem, hash_part limit :limit""".formatted(FLAWED);

    private static final int MAX_RELEASES = 100;

    private final Database sql;

    VulnerableReleases(Database sql) {
        this.sql = sql;
    }

    /** Returns this release, then the other releases of the same project, with or without vulnerabilities. */
    public List<VulnerableRelease> project(long cacheId, long releaseId) {
        return sql.query(PROJECT, Map.of("cache", cacheId, "release", releaseId, "limit", MAX_RELEASES)).stream()
                .map(VulnerableRelease::of)
                .toList();
    }

    /** Returns vulnerable releases that have one of these paths. */
    public List<VulnerableRelease> among(long cacheId, Collection<String> hashParts) {
        return sql
                .query(
                        CARRIED,
                        Map.of("cache", cacheId, "hashes", hashParts.toArray(String[]::new), "limit", MAX_RELEASES))
                .stream()
                .map(VulnerableRelease::of)
                .toList();
    }

    /** Returns the number of metadata rows for these paths, with or without vulnerabilities. */
    public int reported(long cacheId, Collection<String> hashParts) {
        return sql.queryOne("""
                        select count(*) as number from derivation_meta
                        where cache_id = :cache and hash_part = any(cast(:hashes as char(32)[]))""", Map.of("cache", cacheId, "hashes", hashParts.toArray(String[]::new)))
                .map(row -> (int) row.longValue("number"))
                .orElse(0);
    }

    /** Lists all vulnerable releases in an ecosystem. */
    public List<Vulnerable> releases(long cacheId, String ecosystem, int limit) {
        return sql.query(VULNERABLE, Map.of("cache", cacheId, "ecosystem", ecosystem, "limit", limit)).stream()
                .map(row -> new Vulnerable(
                        row.string("name"),
                        row.string("normalised"),
                        row.string("version"),
                        JsonColumns.read(row.string("vulnerabilities"), TEXTS)))
                .toList();
    }
}
