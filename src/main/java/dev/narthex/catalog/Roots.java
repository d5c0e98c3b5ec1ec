package dev.narthex.catalog;

/**
 * What keeps a store path by itself, as conditions of SQL on a row {@code p} of path; whatever such a path refers to is kept
 * too. The collection and the page that says why a path is kept ask the same.
 *
 * <p>Parameters: {@code cache}, and those of {@link Retention#parameters}.
 */
final class Roots {
    /** A limit, here and below, keeps the planner from reading all pins and releases of all caches to ask about few paths. */
    static final String PINNED = """
            (select true from pin i where i.path_id = p.id and (i.keep_until is null or i.keep_until > now()) limit 1) is true""";

    /**
     * Whether a released release {@code r} is to go: it is not one of the last so many, no tag and no page leads to it, and it
     * was neither published nor fetched of late.
     */
    static final String LEAVING = """
            case when cast(:versions as int) = 0 then false else
              r.published_at < now() - make_interval(secs => :age)
              and (select count(*) from (select from release n where n.package_id = r.package_id and n.state = 'released'
                     and (n.published_at, n.id) > (r.published_at, r.id) limit :versions) later) >= :versions
              and not exists (select from package k where k.id = r.package_id and k.default_release = r.id)
              and not exists (select from tag t where t.release_id = r.id)
              and not exists (select from download_day d
                where d.release_id = r.id and d.day > current_date - cast(:used as int)) end""";

    /** A released artifact keeps all names of its file in the cache, which are paths of one NAR. */
    static final String RELEASED = """
            (select true from path s join artifact a on a.path_id = s.id and a.state = 'released'
              join release r on r.id = a.release_id
              where s.cache_id = :cache and s.nar_id = p.nar_id and not (%s) limit 1) is true""".formatted(LEAVING);

    static final String YOUNG = "p.pushed_at > now() - make_interval(secs => :age)";

    /** Fetched, or asked for by somebody who was told that it is here. */
    static final String USED = "p.last_access > current_date - cast(:used as int)";

    /** For as long as nobody changes it. */
    static final String HELD = "(" + PINNED + " or " + RELEASED + ")";

    static final String ANY = "(" + YOUNG + " or " + USED + " or " + HELD + ")";

    private Roots() {}
}
