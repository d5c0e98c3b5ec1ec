package dev.narthex.catalog;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.narthex.spi.Registry.Vulnerable;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/**
 * Releases with known vulnerabilities. What is said of a build holds for all that is one project with it: metadata speak of
 * what was built, and clients of a registry fetch the tarball that it was built from.
 */
@ApplicationScoped
public class VulnerableReleases {
    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

    /**
     * The condition is that of the index release_vulnerable, which has the few of all caches; {@code offset 0} makes it come
     * first.
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
            order by g.normalised, f.version_key limit :limit""".formatted(Linked.releases("p"));

    /** Of one release, by what is said of it and of all that is one project with it. */
    private static final String OF = """
            select distinct k.text from release r join package p on p.id = r.package_id and p.cache_id = :cache
              cross join lateral (select r.id as release_id union all %s) l
              join release f on f.id = l.release_id and (f.state = 'released' or f.id = r.id)
              join package g on g.id = f.package_id and g.cache_id = p.cache_id
              cross join lateral jsonb_array_elements_text(f.facts -> 'vulnerabilities') k (text)
            where r.id = :release and f.facts -> 'vulnerabilities' <> '[]' order by k.text limit :limit""".formatted(Linked.releases("p"));

    private static final int MOST = 100;

    private final Sql sql;

    VulnerableReleases(Sql sql) {
        this.sql = sql;
    }

    /** What is known to be wrong with this release, whichever part of its project says so. */
    public List<String> of(long cacheId, long releaseId) {
        return sql.rows(OF, Map.of("cache", cacheId, "release", releaseId, "limit", MOST)).stream()
                .map(row -> row.text("text"))
                .toList();
    }

    /** All that are known of in this ecosystem. */
    public List<Vulnerable> releases(long cacheId, String ecosystem, int limit) {
        return sql.rows(VULNERABLE, Map.of("cache", cacheId, "ecosystem", ecosystem, "limit", limit)).stream()
                .map(row -> new Vulnerable(
                        row.text("name"),
                        row.text("normalised"),
                        row.text("version"),
                        Json.read(row.text("vulnerabilities"), TEXTS)))
                .toList();
    }
}
