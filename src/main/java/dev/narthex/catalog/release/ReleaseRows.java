package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Withdrawal;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;

/** Writes the rows of tables package and release. */
@ApplicationScoped
class ReleaseRows {
    private static final int MAX_TRIES = 5;

    private final Database sql;

    ReleaseRows(Database sql) {
        this.sql = sql;
    }

    /**
     * A package whose row is locked until the transaction ends.
     *
     * @param owned whether the name is bound to this cache
     * @param fresh whether the package was just created
     */
    record LockedPackage(long id, boolean owned, boolean created) {}

    /**
     * A release whose row is locked until the transaction ends.
     *
     * @param fresh whether the release was just created
     */
    record LockedRelease(long id, boolean created) {}

    /** Locks the package, creating it if needed. An existing package keeps the spelling of its name. */
    LockedPackage lockPackage(long cacheId, String ecosystem, RecognizedRelease release) {
        Map<String, Object> key = Map.of("cache", cacheId, "ecosystem", ecosystem, "normalized", release.normalized());
        var values = new HashMap<>(key);
        values.put("name", release.found().name());
        // Another transaction may create or delete the package between the two statements; try again then.
        for (int i = 0; i < MAX_TRIES; i++) {
            var locked = sql.statement("""
                            select id, owned, false as fresh from package
                            where cache_id = :cache and ecosystem = :ecosystem and normalized = :normalized
                            for no key update""")
                    .bindAll(key)
                    .first()
                    .or(() -> sql.statement("""
                            insert into package (cache_id, ecosystem, name, normalized)
                            values (:cache, :ecosystem, :name, :normalized)
                            on conflict (cache_id, ecosystem, normalized) do nothing returning id, owned, true as fresh""").bindAll(values).first());
            if (locked.isPresent()) {
                var row = locked.get();
                return new LockedPackage(row.longValue("id"), row.bool("owned"), row.bool("fresh"));
            }
        }
        throw Problem.unavailable("This package is being changed at this moment.", 1);
    }

    /** Locks packages in id order. */
    void lockPackages(long cacheId, Collection<Long> packageIds) {
        sql.statement("""
                select id from package where cache_id = :cache and id = any(cast(:packages as bigint[]))
                order by id for no key update""")
                .bind("cache", cacheId)
                .bind("packages", packageIds.toArray(Long[]::new))
                .list();
    }

    /**
     * Locks the release, creating it if needed. An existing release keeps the spelling of its version. The package must be
     * locked.
     */
    LockedRelease lockRelease(long packageId, RecognizedRelease release) {
        var spelled = release.order().spelled() ? lockBySpelling(packageId, release) : Optional.<LockedRelease>empty();
        return spelled.orElseGet(() -> lockVersion(packageId, release));
    }

    private Optional<LockedRelease> lockBySpelling(long packageId, RecognizedRelease release) {
        return sql.statement("""
                        select id from release where package_id = :package and version_key = :key
                        order by version = :version desc, id limit 1 for no key update""")
                .bind("package", packageId)
                .bind("key", release.order().key())
                .bind("version", release.found().version())
                .first()
                .map(row -> new LockedRelease(row.longValue("id"), false));
    }

    private LockedRelease lockVersion(long packageId, RecognizedRelease release) {
        var values = new HashMap<String, Object>(Map.of(
                "package", packageId,
                "version", release.found().version(),
                "key", release.order().key(),
                "prerelease", release.order().prerelease(),
                "state", release.mayRelease() ? "released" : "proposed",
                "at", release.path().pushedAt(),
                "by", release.path().pushedBy().orElse("")));
        values.put("facts", JsonColumns.write(release.found().facts()));
        values.put("recognizer", release.recognizerVersion());
        return sql.statement("""
                        insert into release
                          (package_id, version, version_key, prerelease, state, facts, recognizer, published_at, published_by)
                        values (:package, :version, :key, :prerelease, :state, cast(:facts as jsonb), :recognizer, :at,
                          nullif(:by, ''))
                        on conflict (package_id, version) do nothing returning id""")
                .bindAll(values)
                .first()
                .map(row -> new LockedRelease(row.longValue("id"), true))
                .orElseGet(() -> lockRelease(packageId, release.found().version()));
    }

    private LockedRelease lockRelease(long packageId, String version) {
        var row = sql.statement(
                        "select id from release where package_id = :package and version = :version for no key update")
                .bind("package", packageId)
                .bind("version", version)
                .list()
                .getFirst();
        return new LockedRelease(row.longValue("id"), false);
    }

    /** Locks a release of a locked package until the transaction ends, and returns its id. */
    Optional<Long> lockVersion(PackageEditRepository.LockedPackageRef lockedPackage, String version) {
        return sql.statement("""
                        select r.id from release r join package p on p.id = r.package_id and p.cache_id = :cache
                        where p.id = :package and r.version = :version for no key update of r""")
                .bind("cache", lockedPackage.cacheId())
                .bind("package", lockedPackage.id())
                .bind("version", version)
                .first()
                .map(row -> row.longValue("id"));
    }

    /** Binds the name of a package to this cache. */
    void markOwned(long cacheId, long packageId) {
        sql.statement("update package set owned = true where id = :package and cache_id = :cache and not owned")
                .bind("package", packageId)
                .bind("cache", cacheId)
                .update();
    }

    /** Removes the tombstone of a release, so that it can be released again. Tombstones of its files stay. */
    void revive(long cacheId, String ecosystem, String normalized, String version) {
        sql.statement("""
                delete from tombstone where cache_id = :cache and ecosystem = :ecosystem and normalized = :normalized
                  and version = :version and filename = ''""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .bind("version", version)
                .update();
    }

    /** Returns what people deleted from this release or declined. */
    Tombstones tombstones(long cacheId, String ecosystem, RecognizedRelease release) {
        var tombstones = new HashMap<String, byte[]>();
        var declined = new HashSet<Tombstones.DeclinedFile>();
        for (var row : sql.statement("""
                select filename, coalesce(sha256, '') as sha256, cast(null as text) as hash_part, false as whole from tombstone
                where cache_id = :cache and ecosystem = :ecosystem and normalized = :normalized and version = :version
                union all
                select '', sha256, cast(hash_part as text), whole from declined
                where cache_id = :cache and ecosystem = :ecosystem and md5(normalized) = md5(:normalized)
                  and md5(version) = md5(:version) and normalized = :normalized and version = :version""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", release.normalized())
                .bind("version", release.found().version())
                .list()) {
            row.optionalString("hash_part")
                    .ifPresentOrElse(
                            path -> declined.add(new Tombstones.DeclinedFile(
                                    row.hash("sha256", HashAlgorithm.SHA256),
                                    row.bool("whole") ? Optional.of(path) : Optional.empty())),
                            () -> tombstones.put(row.string("filename"), row.bytes("sha256")));
        }
        return new Tombstones(tombstones, declined);
    }

    /**
     * Updates the state of a release from its artifacts: it is released if any artifact is, and published when the first released
     * one was pushed. Returns whether anything changed.
     */
    boolean updateState(long cacheId, long releaseId) {
        return sql.statement("""
                update release r set state = first.state, published_at = first.at, published_by = first.pushed_by
                from (select a.state, a.at, p.pushed_by from artifact a join path p on p.id = a.path_id and p.cache_id = :cache
                      where a.release_id = :release
                      order by a.state = 'released' desc, a.at, a.id limit 1) first
                where r.id = :release and (r.state, r.published_at, r.published_by)
                  is distinct from (first.state, first.at, first.pushed_by)""")
                        .bind("cache", cacheId)
                        .bind("release", releaseId)
                        .update()
                > 0;
    }

    /** Deletes the release if it has no artifacts. Returns whether it did. */
    boolean dropIfEmpty(long releaseId) {
        return sql.statement("""
                delete from release r where r.id = :release
                  and not exists (select from artifact a where a.release_id = r.id)""").bind("release", releaseId).update() > 0;
    }

    /**
     * Updates the default release of a package: the newest released version, preferably not a prerelease or yanked; null if
     * nothing is released.
     */
    void chooseDefault(long packageId) {
        sql.statement("""
                update package p set default_release = s.id from (select coalesce(
                    (select r.id from release r where r.package_id = :package and r.state = 'released'
                       and not exists (select from withdrawal w where w.release_id = r.id and w.kind = :yanked)
                     order by r.prerelease, r.version_key desc, r.id desc limit 1),
                    (select r.id from release r where r.package_id = :package and r.state = 'released'
                     order by r.prerelease, r.version_key desc, r.id desc limit 1)) as id) s
                where p.id = :package and p.default_release is distinct from s.id""")
                .bind("package", packageId)
                .bind("yanked", Withdrawal.YANKED)
                .update();
    }

    /** Deletes the package if it has no releases, unless its name is bound to the cache. */
    void dropPackageIfEmpty(long packageId) {
        sql.statement("""
                delete from package p where p.id = :package and not p.owned
                  and not exists (select from release r where r.package_id = p.id)""").bind("package", packageId).update();
    }
}
