package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.PackageEditRepository.LockedPackageRef;
import dev.narthex.db.Database;
import dev.narthex.problem.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Map;
import java.util.Optional;

/**
 * Releases proposed builds. Lock order: the package, which callers lock by {@link PackageEditRepository}, then the release and its
 * artifacts, as in {@link Releases}.
 *
 * <p>Files of a promoted build are promised immediately, so that clients get the bytes that the maintainer reviewed, even if
 * others are pushed before the first download. Whole paths are fetched by their own names and need no promise.
 */
@ApplicationScoped
public class Promotions {
    private static final String KIND = "release";
    private static final String LATEST = "latest";

    /** Condition on artifacts {@code a} of one build. */
    private static final String OF_BUILD = """
            a.release_id = :release and a.build = cast(:build as char(32))
              and exists (select from path s where s.id = a.path_id and s.cache_id = :cache)""";

    private final Database sql;
    private final ChangeLog changes;
    private final ReleaseRows rows;

    Promotions(Database sql, ChangeLog changes, ReleaseRows rows) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
    }

    /**
     * Releases a build. From then on it is served, the package name is bound to this cache, and an earlier deletion of the
     * release is undone. If the release becomes the default one, an existing tag "latest" moves to it. The facts of the release
     * do not change until {@link Releases#record} updates them.
     *
     * @param build as in {@link BuildArtifact}
     * @return whether the build was not yet released; empty if the release or build does not exist
     * @throws dev.narthex.problem.ProblemException Conflict if a file name was promised for other bytes
     */
    @Transactional(TxType.MANDATORY)
    public Optional<Boolean> promote(LockedPackageRef lockedPackage, String version, String build, String by) {
        return rows.lockVersion(lockedPackage, version)
                .flatMap(release -> promote(new ProposedBuild(lockedPackage, version, release, build), by));
    }

    private record ProposedBuild(LockedPackageRef packageRef, String version, long release, String build) {
        Map<String, Object> builds() {
            return Map.of("cache", packageRef.cacheId(), "release", release, "build", build);
        }
    }

    private Optional<Boolean> promote(ProposedBuild build, String by) {
        var states = sql.statement("select a.state from artifact a where " + OF_BUILD)
                .bindAll(build.builds())
                .list();
        if (states.isEmpty()) {
            return Optional.empty();
        }
        if (states.stream().allMatch(row -> row.string("state").equals("released"))) {
            return Optional.of(false);
        }
        requireFree(build);
        sql.statement("update artifact a set state = 'released' where a.state = 'proposed' and " + OF_BUILD)
                .bindAll(build.builds())
                .update();
        promise(build);
        rows.revive(
                build.packageRef.cacheId(), build.packageRef.ecosystem(), build.packageRef.normalized(), build.version);
        rows.markOwned(build.packageRef.cacheId(), build.packageRef.id());
        rows.updateState(build.packageRef.cacheId(), build.release);
        rows.chooseDefault(build.packageRef.id());
        moveLatest(build, by);
        changes.append(
                build.packageRef.cacheId(),
                KIND,
                Optional.of(build.packageRef.id()),
                Optional.of(build.release),
                Optional.empty());
        return Optional.of(true);
    }

    /** Checks that no file name is promised for other bytes. Promises remain valid after their release is deleted. */
    private void requireFree(ProposedBuild build) {
        sql.statement("""
                        select a.filename from artifact a where %s and a.state = 'proposed' and (
                          exists (select from artifact o where o.release_id = a.release_id and o.filename = a.filename
                            and o.promised_at is not null and o.sha256 <> a.sha256)
                          or exists (select from tombstone t where t.cache_id = :cache and t.ecosystem = :ecosystem
                            and t.normalized = :normalized and t.version = :version and t.filename = a.filename
                            and t.sha256 <> a.sha256))
                        order by a.id limit 1""".formatted(OF_BUILD))
                .bind("cache", build.packageRef.cacheId())
                .bind("release", build.release)
                .bind("build", build.build)
                .bind("ecosystem", build.packageRef.ecosystem())
                .bind("normalized", build.packageRef.normalized())
                .bind("version", build.version)
                .first()
                .ifPresent(row -> {
                    throw Problem.conflict(
                            "Other bytes",
                            "Clients were promised other bytes under the name “" + row.string("filename")
                                    + "”; they cannot be replaced. Push this build under another version.");
                });
    }

    /** Promises one artifact per file name. */
    private void promise(ProposedBuild build) {
        sql.statement("""
                update artifact p set promised_at = now() where p.id in (
                  select distinct on (a.filename) a.id from artifact a
                  where %s and a.state = 'released' and a.origin <> 'path'
                    and not exists (select from artifact o
                      where o.release_id = a.release_id and o.filename = a.filename and o.promised_at is not null)
                  order by a.filename, %s)""".formatted(OF_BUILD, PrimaryArtifact.ORDER))
                .bindAll(build.builds())
                .update();
    }

    /** Moves the tag "latest", as publishing without a tag does, but only if the release is now the default one. */
    private void moveLatest(ProposedBuild build, String by) {
        sql.statement("""
                update tag t set release_id = p.default_release, at = now(), by = nullif(:by, '') from package p
                where p.id = :package and p.cache_id = :cache and p.default_release = :release
                  and t.package_id = p.id and t.name = :latest and t.release_id <> p.default_release""")
                .bind("package", build.packageRef.id())
                .bind("cache", build.packageRef.cacheId())
                .bind("release", build.release)
                .bind("latest", LATEST)
                .bind("by", by)
                .update();
    }

    /** Returns whether a person deleted this release, so that recognition only proposes it. */
    public boolean wasDeleted(long cacheId, String ecosystem, String normalized, String version) {
        return sql.statement("""
                        select true as yes from tombstone where cache_id = :cache and ecosystem = :ecosystem
                          and normalized = :normalized and version = :version and filename = ''""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .bind("version", version)
                .first()
                .isPresent();
    }
}
