package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/** Finds the releases of the same project in other registries of the cache, see {@link SameProjectSql}. Only released ones. */
@ApplicationScoped
public class SameProjectQuery {
    private static final int MAX_RELEASES = 100;

    /** {@code offset 0} prevents the planner from walking all packages in result order instead of sorting a few. */
    private static final String OTHERS = """
            select distinct g.ecosystem, g.name, g.normalized, f.version, true as released, f.flaws
            from release r join package h on h.id = r.package_id and h.cache_id = :cache
              cross join lateral (%s) l
              cross join lateral (select f.id, f.package_id, f.version,
                  cast(coalesce(f.facts -> 'vulnerabilities', '[]') as text) as flaws from release f
                where f.id = l.release_id and f.state = 'released' offset 0) f
              cross join lateral (select g.ecosystem, g.name, g.normalized from package g
                where g.id = f.package_id and g.cache_id = :cache offset 0) g
            where %s
            order by g.ecosystem, g.normalized, f.version limit :limit""";

    private static final String OF_RELEASE =
            OTHERS.formatted(SameProjectSql.releases("h"), "r.id = :release and f.id <> r.id");

    private static final String OF_PATH = OTHERS.formatted(
            SameProjectSql.releases("h"),
            "r.id in (select y.release_id from artifact y where y.path_id = :path) "
                    + "and f.id not in (select y.release_id from artifact y where y.path_id = :path)");

    private final Database sql;

    SameProjectQuery(Database sql) {
        this.sql = sql;
    }

    /** Returns at most {@value #MAX_RELEASES} other releases of the same project. */
    public RelatedProject of(long cacheId, long releaseId) {
        var rows = links(OF_RELEASE, Map.of("cache", cacheId, "release", releaseId, "limit", MAX_RELEASES));
        var vulnerabilities = rows.stream()
                .flatMap(row -> JsonColumns.read(row.string("flaws"), VulnerabilityQuery.TEXTS).stream())
                .distinct()
                .toList();
        return new RelatedProject(rows.stream().map(PathRelease::of).toList(), vulnerabilities);
    }

    /** Returns releases of the same project as a release of this path, except the releases of the path itself. */
    public List<PathRelease> ofPath(long cacheId, long pathId) {
        return links(OF_PATH, Map.of("cache", cacheId, "path", pathId, "limit", MAX_RELEASES)).stream()
                .map(PathRelease::of)
                .toList();
    }

    private List<Row> links(String query, Map<String, Object> parameters) {
        return sql.statement(query).bindAll(parameters).listWithGenericPlan();
    }
}
