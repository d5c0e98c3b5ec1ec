package dev.narthex.catalog.release;

/**
 * SQL that finds the releases of one project in several ecosystems of a cache. These belong to the same project: the artifacts of
 * one build, that is, outputs of a derivation and files derived from them (column {@code build}); and a build together with the
 * source file that it unpacked, if the build is a package of that file, by the name and version of its store path or by a package
 * that was found inside, see {@link NotOfferedReasons}. Other sources of a build are dependencies, not the same project.
 */
final class SameProjectSql {
    /** Reads at most 50 builds of a release; more add no information. */
    private static final String BUILDS = """
            (select distinct a.build from artifact a where a.release_id = r.id and a.state = 'released' limit 50) u""";

    /**
     * Finds the source files of a build. A derivation references sources in the store directly, and fetched ones by their
     * derivations. {@code offset 0} keeps this join order: the planner cannot know how few sources a build has.
     */
    private static final String UNPACKED = """
            select b.release_id from %2$s
              cross join lateral (select i.base from path d cross join lateral unnest(d.refs) as i (base)
                where d.cache_id = %1$s.cache_id and d.hash_part = u.build and d.name like '%%.drv'
                  and strpos(i.base, r.version) > 0 offset 0) i
              cross join lateral (select s.id from path s where s.cache_id = %1$s.cache_id and s.ca like 'fixed:%%'
                and (s.deriver = i.base or s.hash_part = cast(left(i.base, 32) as char(32))) offset 0) s
              cross join lateral (select b.release_id, o.ecosystem, o.name, o.normalized from artifact b
                  join release x on x.id = b.release_id and x.version = r.version
                  join package o on o.id = x.package_id and o.cache_id = %1$s.cache_id and o.ecosystem <> %1$s.ecosystem
                where b.path_id = s.id and b.state = 'released' and b.origin = 'exact' offset 0) b
            where b.normalized = %1$s.normalized or exists (
              select from artifact w join path t on t.id = w.path_id and t.cache_id = %1$s.cache_id
              where w.release_id = r.id and w.build = u.build and %3$s)""";

    /**
     * Finds the builds that unpacked a file. Reads at most 1,000 derivations, because thousands of builds may fetch the same
     * file.
     */
    private static final String UNPACKING = """
            select b.release_id from (
                select s.deriver, cast(s.hash_part as text) || '-' || s.name collate "default" as base from artifact a
                  join path s on s.id = a.path_id and s.cache_id = %1$s.cache_id and s.ca like 'fixed:%%'
                where a.release_id = r.id and a.state = 'released' and a.origin = 'exact' offset 0) s
              cross join lateral (values (s.deriver), (s.base)) i (base)
              cross join lateral (select d.hash_part from path d
                where d.refs @> array[i.base] and d.cache_id + 0 = %1$s.cache_id and d.name like '%%.drv' limit 1000) d
              cross join lateral (select b.release_id, b.path_id, o.normalized from artifact b
                  join release x on x.id = b.release_id and x.version = r.version
                  join package o on o.id = x.package_id and o.cache_id = %1$s.cache_id and o.ecosystem <> %1$s.ecosystem
                where b.build = d.hash_part and b.state = 'released' offset 0) b
            where b.normalized = %1$s.normalized or exists (
              select from path t where t.id = b.path_id and t.cache_id = %1$s.cache_id and %2$s)""";

    private SameProjectSql() {}

    /**
     * Returns a query for the ids of all releases of the same project as release {@code r}, including {@code r}. Ids may be
     * repeated, and may be of other caches or of unreleased releases.
     *
     * @param p alias of the package of {@code r}
     */
    static String releases(String p) {
        return String.join(
                "\nunion all\n",
                "select b.release_id from " + BUILDS + " join artifact b on b.build = u.build and b.state = 'released'",
                UNPACKED.formatted(p, BUILDS, containsReleaseCondition(p, "b")),
                UNPACKING.formatted(p, containsReleaseCondition(p, p)));
    }

    /** Returns a query for the ids of other ecosystems with the project of {@code r}. */
    static String ecosystems(String p) {
        return """
                select distinct g.ecosystem from (%2$s) l join release f on f.id = l.release_id and f.state = 'released'
                  join package g on g.id = f.package_id and g.cache_id = %1$s.cache_id and g.ecosystem <> %1$s.ecosystem
                order by g.ecosystem""".formatted(p, releases(p));
    }

    /** Returns a condition that a path {@code t} contains this release as a tree that could not be offered as a file. */
    private static String containsReleaseCondition(String p, String its) {
        return """
                exists (select from ecosystem_state e cross join lateral jsonb_array_elements(e.body -> 'reasons') z
                  where e.cache_id = %1$s.cache_id and e.ecosystem = %2$s.ecosystem and e.package_id is null
                    and e.key = cast(t.hash_part as text) collate "default" and z ->> 'version' = r.version
                    and z ->> 'name' in (%2$s.name, %2$s.normalized))""".formatted(p, its);
    }
}
