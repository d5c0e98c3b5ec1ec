package dev.narthex.catalog;

import dev.narthex.catalog.PackageEdits.Locked;
import dev.narthex.problem.Problem;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Map;
import java.util.Optional;

/**
 * Builds that were only proposed and that somebody wants served. Whoever promotes locks the package first, as for
 * {@link PackageEdits}; then come the release and its artifacts, in the order of {@link Releases}.
 *
 * <p>Files of a build that is promoted are promised at once: what somebody has looked at is what clients get, whatever is pushed
 * before the first of them asks. A whole path is fetched by its own name, and needs no promise.
 */
@ApplicationScoped
public class Promotions {
    private static final String KIND = "release";
    private static final String LATEST = "latest";

    /** Artifacts {@code a} of one build. */
    private static final String OF_BUILD = """
            a.release_id = :release and a.build = cast(:build as char(32))
              and exists (select from path s where s.id = a.path_id and s.cache_id = :cache)""";

    private final Sql sql;
    private final Changes changes;
    private final ReleaseRows rows;

    Promotions(Sql sql, Changes changes, ReleaseRows rows) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
    }

    /**
     * Releases a build: it is served from now on, the name of its package is this cache's own, and a deletion of the release
     * ends. If the release is now what is shown without a version, the tag "latest" comes to it, where the package has one.
     * Facts of the release stay those of what led it before, until {@link Releases#record} brings those of the build.
     *
     * @param build as in {@link BuildLine}
     * @return whether anything was left to do; empty if the release or the build is not there
     * @throws dev.narthex.problem.ProblemException Conflict if the name of a file was promised for other bytes
     */
    @Transactional(TxType.MANDATORY)
    public Optional<Boolean> promote(Locked of, String version, String build, String by) {
        return rows.lockVersion(of, version).flatMap(release -> promote(new One(of, version, release, build), by));
    }

    private record One(Locked of, String version, long release, String build) {
        Map<String, Object> builds() {
            return Map.of("cache", of.cacheId(), "release", release, "build", build);
        }
    }

    private Optional<Boolean> promote(One one, String by) {
        var states = sql.rows("select a.state from artifact a where " + OF_BUILD, one.builds());
        if (states.isEmpty()) {
            return Optional.empty();
        }
        if (states.stream().allMatch(row -> row.text("state").equals("released"))) {
            return Optional.of(false);
        }
        requireFree(one);
        sql.change("update artifact a set state = 'released' where a.state = 'proposed' and " + OF_BUILD, one.builds());
        promise(one);
        rows.revive(one.of.cacheId(), one.of.ecosystem(), one.of.normalised(), one.version);
        rows.own(one.of.cacheId(), one.of.id());
        rows.judge(one.of.cacheId(), one.release);
        rows.chooseDefault(one.of.id());
        moveLatest(one, by);
        changes.append(one.of.cacheId(), KIND, Optional.of(one.of.id()), Optional.of(one.release), Optional.empty());
        return Optional.of(true);
    }

    /** A promise holds for ever, even if its release was deleted since. */
    private void requireFree(One one) {
        sql.first(
                        """
                        select a.filename from artifact a where %s and a.state = 'proposed' and (
                          exists (select from artifact o where o.release_id = a.release_id and o.filename = a.filename
                            and o.promised_at is not null and o.sha256 <> a.sha256)
                          or exists (select from tombstone t where t.cache_id = :cache and t.ecosystem = :ecosystem
                            and t.normalised = :normalised and t.version = :version and t.filename = a.filename
                            and t.sha256 <> a.sha256))
                        order by a.id limit 1""".formatted(OF_BUILD),
                        Map.of(
                                "cache",
                                one.of.cacheId(),
                                "release",
                                one.release,
                                "build",
                                one.build,
                                "ecosystem",
                                one.of.ecosystem(),
                                "normalised",
                                one.of.normalised(),
                                "version",
                                one.version))
                .ifPresent(row -> {
                    throw new Problem.Conflict(
                                    "Other bytes",
                                    "Clients were promised other bytes under the name “" + row.text("filename")
                                            + "”, and no others ever take their place. Push this build under another version.")
                            .asException();
                });
    }

    /** One artifact for each file name. */
    private void promise(One one) {
        sql.change("""
                update artifact p set promised_at = now() where p.id in (
                  select distinct on (a.filename) a.id from artifact a
                  where %s and a.state = 'released' and a.origin <> 'path'
                    and not exists (select from artifact o
                      where o.release_id = a.release_id and o.filename = a.filename and o.promised_at is not null)
                  order by a.filename, %s)""".formatted(OF_BUILD, Lead.ORDER), one.builds());
    }

    /** As if its publisher had sent it without naming a tag; but an older version than another one takes it from none. */
    private void moveLatest(One one, String by) {
        sql.change(
                """
                update tag t set release_id = p.default_release, at = now(), by = nullif(:by, '') from package p
                where p.id = :package and p.cache_id = :cache and p.default_release = :release
                  and t.package_id = p.id and t.name = :latest and t.release_id <> p.default_release""",
                Map.of(
                        "package",
                        one.of.id(),
                        "cache",
                        one.of.cacheId(),
                        "release",
                        one.release,
                        "latest",
                        LATEST,
                        "by",
                        by));
    }

    /** Whether a person deleted this release: then recognition only proposes it. */
    public boolean wasDeleted(long cacheId, String ecosystem, String normalised, String version) {
        return sql.first(
                        """
                        select true as yes from tombstone where cache_id = :cache and ecosystem = :ecosystem
                          and normalised = :normalised and version = :version and filename = ''""",
                        Map.of("cache", cacheId, "ecosystem", ecosystem, "normalised", normalised, "version", version))
                .isPresent();
    }
}
