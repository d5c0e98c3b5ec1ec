package dev.narthex.retention;

import dev.narthex.catalog.cache.Retention;

/**
 * SQL conditions for GC roots, on a row {@code p} of path. References of a root are kept too. Garbage collection and the page
 * that explains why a path is kept use the same conditions.
 *
 * <p>Parameters: {@code cache}, and those of {@link Retention#parameters}.
 */
public final class GcRoots {
    /**
     * True if the path is pinned. The limit, here and below, prevents the planner from reading all pins and releases of all
     * caches in order to check a few paths.
     */
    static final String PINNED = """
            (select true from pin i where i.path_id = p.id and (i.keep_until is null or i.keep_until > now()) limit 1) is true""";

    /** True if a released artifact has the same NAR. A released file thus keeps all its store paths in the cache. */
    static final String RELEASED = """
            (select true from path s join artifact a on a.path_id = s.id and a.state = 'released'
              join release r on r.id = a.release_id
              where s.cache_id = :cache and s.nar_id = p.nar_id and not (%s) limit 1) is true""".formatted(VersionRetentionRule.EXPIRED);

    static final String YOUNG = "p.pushed_at > now() - make_interval(secs => :age)";

    /** True if the path was downloaded recently, or reported to a client as present. */
    static final String USED = "p.last_access > current_date - cast(:used as int)";

    /** True until a person changes it, not only for a limited time. */
    static final String HELD = "(" + PINNED + " or " + RELEASED + ")";

    static final String ANY = "(" + YOUNG + " or " + USED + " or " + HELD + ")";

    private GcRoots() {}
}
