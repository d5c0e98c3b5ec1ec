package dev.narthex.retention;

import dev.narthex.catalog.cache.Retention;

/**
 * SQL condition for versions that a cache no longer keeps, on a row {@code r} of release.
 *
 * <p>Parameters: those of {@link Retention#parameters}.
 */
final class VersionRetentionRule {
    /**
     * True if a released version {@code r} is beyond the number of versions to keep: it is neither a default release nor tagged,
     * and was neither published nor downloaded recently.
     */
    static final String EXPIRED = """
            case when cast(:versions as int) = 0 then false else
              r.published_at < now() - make_interval(secs => :age)
              and (select count(*) from (select from release n where n.package_id = r.package_id and n.state = 'released'
                     and (n.published_at, n.id) > (r.published_at, r.id) limit :versions) later) >= :versions
              and not exists (select from package k where k.id = r.package_id and k.default_release = r.id)
              and not exists (select from tag t where t.release_id = r.id)
              and not exists (select from download_day d
                where d.release_id = r.id and d.day > current_date - cast(:used as int)) end""";

    private VersionRetentionRule() {}
}
