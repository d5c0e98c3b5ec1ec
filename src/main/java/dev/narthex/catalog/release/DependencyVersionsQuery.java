package dev.narthex.catalog.release;

import dev.narthex.catalog.path.ClosureWalk;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Dependency;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects released versions of packages and of everything they depend on. Follows names only: choosing versions is up to the
 * ecosystem, so the dependencies of all released versions are followed. One recursive query, as in {@link ClosureWalk}: UNION
 * removes duplicates, {@code offset 0} prevents the planner from joining whole tables, and the limits stop the walk.
 */
@ApplicationScoped
class DependencyVersionsQuery {
    /** A large application installs about 1,500 packages. */
    private static final int MAX_PACKAGES = 2000;

    /** Maximum number of dependencies of one package, newest versions first. */
    private static final int MAX_DECLARED = 5000;

    private static final int MAX_ROWS = 60_000;

    private static final String WALK = """
            with recursive walk (normalized) as (
              select cast(s.normalized as text) from unnest(cast(:names as text[])) s (normalized)
              union
              select n.normalized from walk w cross join lateral (
                select d.normalized from package p join release r on r.package_id = p.id and r.state = 'released'
                  cross join lateral (
                    select e.normalized from dependency e
                    where e.release_id = r.id and e.kind = any(cast(:kinds as text[])) offset 0) d
                where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = w.normalized
                order by r.version_key desc limit :declared) n)
            select w.normalized, v.id, v.version, v.withdrawn, v.tags, d.name, d.needed, d.range, d.kind
            from (select normalized from walk limit :packages) w
              left join lateral (
                select r.id, r.version, exists (select from withdrawal x where x.release_id = r.id) as withdrawn,
                  array(select t.name from tag t where t.release_id = r.id) as tags
                from package p join release r on r.package_id = p.id and r.state = 'released'
                where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = w.normalized
                order by r.version_key desc, r.id desc offset 0) v on true
              left join lateral (
                select e.name, e.normalized as needed, e.range, e.kind from dependency e
                where e.release_id = v.id and e.kind = any(cast(:kinds as text[]))
                order by e.ord offset 0) d on true
            limit :rows""";

    private final Database sql;

    DependencyVersionsQuery(Database sql) {
        this.sql = sql;
    }

    /** @param followed kinds of dependencies to follow; if empty, only the given packages are read */
    AvailableVersions from(long cacheId, String ecosystem, Collection<String> normalized, Collection<String> followed) {
        var names = normalized.stream().distinct().toArray(String[]::new);
        var rows = sql.statement(WALK)
                .bind("names", names)
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("kinds", followed.toArray(String[]::new))
                .bind("declared", MAX_DECLARED)
                .bind("packages", MAX_PACKAGES + 1)
                .bind("rows", MAX_ROWS)
                .list();
        var packages = new LinkedHashMap<String, Map<Long, VersionRows>>();
        for (var row : rows) {
            var versions = packages.computeIfAbsent(row.string("normalized"), _ -> new LinkedHashMap<>());
            row.optionalLong("id")
                    .ifPresent(id -> versions.computeIfAbsent(id, _ -> new VersionRows(row))
                            .addDependency(row));
        }
        boolean cut = rows.size() == MAX_ROWS;
        if (cut) {
            // the last package may be incomplete
            packages.remove(rows.getLast().string("normalized"));
        }
        return offers(packages, !cut && packages.size() <= MAX_PACKAGES);
    }

    private static AvailableVersions offers(Map<String, Map<Long, VersionRows>> packages, boolean complete) {
        var offered = new LinkedHashMap<String, List<AvailableVersions.Version>>();
        packages.forEach((name, versions) -> offered.put(
                name, versions.values().stream().map(VersionRows::toVersion).toList()));
        return new AvailableVersions(offered, complete);
    }

    /** A version with its dependencies, each of which is a row. */
    private static final class VersionRows {
        private final Row first;
        private final List<Dependency> needs = new ArrayList<>();

        VersionRows(Row first) {
            this.first = first;
        }

        void addDependency(Row row) {
            row.optionalString("name")
                    .ifPresent(name -> needs.add(
                            new Dependency(name, row.string("needed"), row.string("range"), row.string("kind"))));
        }

        AvailableVersions.Version toVersion() {
            return new AvailableVersions.Version(
                    first.longValue("id"),
                    first.string("version"),
                    first.bool("withdrawn"),
                    first.strings("tags"),
                    needs);
        }
    }
}
