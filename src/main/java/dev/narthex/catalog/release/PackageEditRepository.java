package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Edits existing packages: tags, withdrawals and removal of releases. Callers {@link #lock} the package first. Releases are found
 * only in the locked package.
 */
@ApplicationScoped
public class PackageEditRepository {
    private static final String KIND = "release";

    private static final String RELEASE = """
            (select r.id from release r join package p on p.id = r.package_id
             where p.cache_id = :cache and p.id = :package and r.version = :version and r.state = 'released')""";

    private final Database sql;
    private final ChangeLog changes;
    private final ReleaseRows rows;

    PackageEditRepository(Database sql, ChangeLog changes, ReleaseRows rows) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
    }

    /** A package whose row is locked until the transaction ends. */
    public record LockedPackageRef(long cacheId, String ecosystem, String normalized, long id) {}

    @Transactional(TxType.MANDATORY)
    public Optional<LockedPackageRef> lock(long cacheId, String ecosystem, String normalized) {
        return sql.statement("""
                        select id from package where cache_id = :cache and ecosystem = :ecosystem and normalized = :normalized
                        for no key update""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .first()
                .map(row -> new LockedPackageRef(cacheId, ecosystem, normalized, row.longValue("id")));
    }

    /** Sets a tag to a released version. Returns whether that version exists. */
    @Transactional(TxType.MANDATORY)
    public boolean tag(LockedPackageRef lockedPackage, String tag, String version, String by) {
        int tagged = sql.statement("""
                insert into tag (package_id, name, release_id, by) select :package, :tag, r.id, nullif(:by, '') from %s r
                on conflict (package_id, name) do update set release_id = excluded.release_id, at = now(), by = excluded.by""".formatted(RELEASE))
                .bind("cache", lockedPackage.cacheId())
                .bind("package", lockedPackage.id())
                .bind("version", version)
                .bind("tag", tag)
                .bind("by", by)
                .update();
        logChange(lockedPackage);
        return tagged > 0;
    }

    /** Removes a tag. Returns whether it existed. */
    @Transactional(TxType.MANDATORY)
    public boolean untag(LockedPackageRef lockedPackage, String tag) {
        logChange(lockedPackage);
        return sql.statement("""
                delete from tag where name = :tag
                  and package_id in (select id from package where cache_id = :cache and id = :package)""")
                        .bind("cache", lockedPackage.cacheId())
                        .bind("package", lockedPackage.id())
                        .bind("tag", tag)
                        .update()
                > 0;
    }

    /**
     * Sets or removes a withdrawal of a released version. Returns whether the version, or the withdrawal to remove, exists.
     *
     * @param kind in the ecosystem's terms, such as "deprecated"
     * @param reason empty to remove the withdrawal
     */
    @Transactional(TxType.MANDATORY)
    public boolean withdraw(
            LockedPackageRef lockedPackage, String version, String kind, Optional<String> reason, String by) {
        Map<String, Object> key = Map.of(
                "cache", lockedPackage.cacheId(), "package", lockedPackage.id(), "version", version, "kind", kind);
        boolean there = reason.map(why -> withdraw(key, why, by)).orElseGet(() -> removeWithdrawal(key));
        rows.chooseDefault(lockedPackage.id());
        logChange(lockedPackage);
        return there;
    }

    private boolean withdraw(Map<String, Object> key, String reason, String by) {
        var values = new HashMap<>(key);
        values.put("reason", reason);
        values.put("by", by);
        return sql.statement("""
                insert into withdrawal (release_id, kind, reason, by) select r.id, :kind, :reason, nullif(:by, '') from %s r
                on conflict (release_id, kind) do update set reason = excluded.reason, at = now(), by = excluded.by""".formatted(RELEASE)).bindAll(values).update() > 0;
    }

    private boolean removeWithdrawal(Map<String, Object> key) {
        return sql.statement("delete from withdrawal where kind = :kind and release_id in (select r.id from %s r)"
                                .formatted(RELEASE))
                        .bindAll(key)
                        .update()
                > 0;
    }

    /**
     * Removes a released version. Tombstones record its promised files, so that their names are never served with other bytes.
     * Recognition then only proposes the version; its store paths stay until garbage collection.
     *
     * @return whether the version existed
     */
    @Transactional(TxType.MANDATORY)
    public boolean remove(LockedPackageRef lockedPackage, String version, String by) {
        return remove(lockedPackage, version, by, "");
    }

    /** Removes a version as {@link #remove(Locked, String, String)}, with a reason that is shown to clients. */
    @Transactional(TxType.MANDATORY)
    public boolean remove(LockedPackageRef lockedPackage, String version, String by, String reason) {
        var values = Map.<String, Object>of(
                "cache", lockedPackage.cacheId(),
                "package", lockedPackage.id(),
                "version", version,
                "ecosystem", lockedPackage.ecosystem(),
                "normalized", lockedPackage.normalized(),
                "by", by,
                "reason", reason);
        int tombstones = sql.statement("""
                insert into tombstone (cache_id, ecosystem, normalized, version, filename, sha256, by, reason)
                select :cache, :ecosystem, :normalized, :version, f.filename, f.sha256, nullif(:by, ''), :reason
                from (select id from %s r) r cross join lateral (
                  select '' as filename, cast(null as bytea) as sha256
                  union all select a.filename, a.sha256 from artifact a where a.release_id = r.id and a.promised_at is not null) f
                on conflict do nothing""".formatted(RELEASE)).bindAll(values).update();
        int removed = sql.statement("delete from release where id in (select r.id from %s r)".formatted(RELEASE))
                .bind("cache", lockedPackage.cacheId())
                .bind("package", lockedPackage.id())
                .bind("version", version)
                .update();
        rows.chooseDefault(lockedPackage.id());
        logChange(lockedPackage);
        return tombstones + removed > 0;
    }

    private void logChange(LockedPackageRef lockedPackage) {
        changes.append(
                lockedPackage.cacheId(), KIND, Optional.of(lockedPackage.id()), Optional.empty(), Optional.empty());
    }
}
