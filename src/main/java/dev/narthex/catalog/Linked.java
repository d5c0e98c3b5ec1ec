package dev.narthex.catalog;

/**
 * Which releases of a cache are one project. What came out of one build is: outputs of a derivation, and files that were made
 * of them, see the column {@code build}. And so are a build and the file that it unpacked, if it says of itself that it is
 * this file: by name and version of its store path, or by what lies in it, as {@link Refusals} tells. Other sources of a build
 * are what it needs, not what it is.
 */
final class Linked {
    /** More builds than these of one release say nothing new. */
    private static final String BUILDS = """
            (select distinct a.build from artifact a where a.release_id = r.id and a.state = 'released' limit 50) u""";

    /**
     * A derivation refers to sources that lie in the store, and to derivations that fetch the others. {@code offset 0} keeps the
     * steps in this order: the planner does not know how few files a build has for its own.
     */
    private static final String UNPACKED = """
            select b.release_id from %2$s
              cross join lateral (select i.base from path d cross join lateral unnest(d.refs) as i (base)
                where d.cache_id = %1$s.cache_id and d.hash_part = u.build and d.name like '%%.drv'
                  and strpos(i.base, r.version) > 0 offset 0) i
              cross join lateral (select s.id from path s where s.cache_id = %1$s.cache_id and s.ca like 'fixed:%%'
                and (s.deriver = i.base or s.hash_part = cast(left(i.base, 32) as char(32))) offset 0) s
              cross join lateral (select b.release_id, o.ecosystem, o.name, o.normalised from artifact b
                  join release x on x.id = b.release_id and x.version = r.version
                  join package o on o.id = x.package_id and o.cache_id = %1$s.cache_id and o.ecosystem <> %1$s.ecosystem
                where b.path_id = s.id and b.state = 'released' and b.origin = 'exact' offset 0) b
            where b.normalised = %1$s.normalised or exists (
              select from artifact w join path t on t.id = w.path_id and t.cache_id = %1$s.cache_id
              where w.release_id = r.id and w.build = u.build and %3$s)""";

    /** One file may be fetched for thousands of builds. */
    private static final String UNPACKING = """
            select b.release_id from (
                select s.deriver, cast(s.hash_part as text) || '-' || s.name collate "default" as base from artifact a
                  join path s on s.id = a.path_id and s.cache_id = %1$s.cache_id and s.ca like 'fixed:%%'
                where a.release_id = r.id and a.state = 'released' and a.origin = 'exact' offset 0) s
              cross join lateral (values (s.deriver), (s.base)) i (base)
              cross join lateral (select d.hash_part from path d
                where d.refs @> array[i.base] and d.cache_id + 0 = %1$s.cache_id and d.name like '%%.drv' limit 1000) d
              cross join lateral (select b.release_id, b.path_id, o.normalised from artifact b
                  join release x on x.id = b.release_id and x.version = r.version
                  join package o on o.id = x.package_id and o.cache_id = %1$s.cache_id and o.ecosystem <> %1$s.ecosystem
                where b.build = d.hash_part and b.state = 'released' offset 0) b
            where b.normalised = %1$s.normalised or exists (
              select from path t where t.id = b.path_id and t.cache_id = %1$s.cache_id and %2$s)""";

    private Linked() {}

    /**
     * A query of the ids of all releases that are one project with a release {@code r}, itself among them; one may stand there
     * several times, be of another cache, or not be released.
     *
     * @param p alias of the package of {@code r}
     */
    static String releases(String p) {
        return String.join(
                "\nunion all\n",
                "select b.release_id from " + BUILDS + " join artifact b on b.build = u.build and b.state = 'released'",
                UNPACKED.formatted(p, BUILDS, holds(p, "b")),
                UNPACKING.formatted(p, holds(p, p)));
    }

    /** Ids of other ecosystems that have the project of {@code r}. */
    static String ecosystems(String p) {
        return """
                select distinct g.ecosystem from (%2$s) l join release f on f.id = l.release_id and f.state = 'released'
                  join package g on g.id = f.package_id and g.cache_id = %1$s.cache_id and g.ecosystem <> %1$s.ecosystem
                order by g.ecosystem""".formatted(p, releases(p));
    }

    /** Whether a path {@code t} holds this release as a tree that could not be offered. */
    private static String holds(String p, String its) {
        return """
                exists (select from ecosystem_state e cross join lateral jsonb_array_elements(e.body -> 'reasons') z
                  where e.cache_id = %1$s.cache_id and e.ecosystem = %2$s.ecosystem and e.package_id is null
                    and e.key = cast(t.hash_part as text) collate "default" and z ->> 'version' = r.version
                    and z ->> 'name' in (%2$s.name, %2$s.normalised))""".formatted(p, its);
    }
}
