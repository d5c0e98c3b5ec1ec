package dev.narthex.catalog.cache;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deletes caches. A deleted cache can be undeleted within {@link #GRACE}; after that its content is removed in batches. Its name
 * stays in use, because clients may still have its address and key configured.
 */
@ApplicationScoped
public class CacheDeletion {
    public static final Duration GRACE = Duration.ofDays(7);

    private static final int BATCH = 500;
    private static final String GONE = "release";

    /** Deleted before packages, so that the cascade of each package is small. */
    private static final String RELEASES = """
            delete from release where id = any(array(select r.id from release r join package p on p.id = r.package_id
              where p.cache_id = :cache order by r.id limit :some))""";

    private static final String PACKAGES = """
            delete from package where id = any(array(
              select id from package where cache_id = :cache order by id limit :some)) returning id""";

    private static final String OF_IMPORTS = """
            delete from %1$s where ctid = any(array(select x.ctid from %1$s x join import_run r on r.id = x.run_id
              where r.cache_id = :cache limit :some))""";

    private static final String OF_THE_CACHE =
            "delete from %1$s where ctid = any(array(select ctid from %1$s where cache_id = :cache limit :some))";

    /** Tables in the order of deletion: referencing rows first, and signing keys when nothing is left to be signed. */
    private static final List<String> THE_REST = List.of(
            OF_IMPORTS.formatted("import_reference"),
            OF_IMPORTS.formatted("import_path"),
            OF_THE_CACHE.formatted("import_run"),
            OF_THE_CACHE.formatted("collection"),
            OF_THE_CACHE.formatted("pin"),
            OF_THE_CACHE.formatted("ecosystem_state"),
            OF_THE_CACHE.formatted("tombstone"),
            OF_THE_CACHE.formatted("declined"),
            OF_THE_CACHE.formatted("derivation_meta"),
            OF_THE_CACHE.formatted("build_log"),
            OF_THE_CACHE.formatted("realisation"),
            OF_THE_CACHE.formatted("observation"),
            OF_THE_CACHE.formatted("path"),
            OF_THE_CACHE.formatted("cache_key"));

    private final Database sql;
    private final ChangeLog changes;

    CacheDeletion(Database sql, ChangeLog changes) {
        this.sql = sql;
        this.changes = changes;
    }

    /**
     * Marks a cache as deleted, from the next request on. Returns the end of the undelete period; empty if it is deleted already.
     */
    @Transactional(TxType.MANDATORY)
    public Optional<Instant> delete(long cacheId) {
        return sql.statement(
                        "update cache set deleted_at = now() where id = :cache and deleted_at is null returning deleted_at")
                .bind("cache", cacheId)
                .first()
                .map(row -> row.instant("deleted_at").plus(GRACE));
    }

    /** Returns the end of the undelete period; empty if the cache is not deleted. */
    public Optional<Instant> restorableUntil(long cacheId) {
        return sql.statement("select deleted_at from cache where id = :cache and deleted_at is not null")
                .bind("cache", cacheId)
                .first()
                .map(row -> row.instant("deleted_at").plus(GRACE));
    }

    /** Undeletes a cache with its content unchanged. Returns whether it was possible. */
    @Transactional(TxType.MANDATORY)
    public boolean undelete(long cacheId) {
        return sql.statement(
                                "update cache set deleted_at = null where id = :cache and deleted_at is not null and removing_at is null")
                        .bind("cache", cacheId)
                        .update()
                > 0;
    }

    /** A deleted cache whose content is to be removed. */
    public record DeletedCache(long id, String name) {}

    /**
     * Returns the caches whose undelete period is over, and marks them so that they can no longer be undeleted. Callers must
     * queue their removal.
     */
    @Transactional(TxType.MANDATORY)
    public List<DeletedCache> claimExpired() {
        return sql.statement("""
                        update cache set removing_at = now()
                        where deleted_at < now() - make_interval(secs => :grace) and removing_at is null returning id, name""")
                .bind("grace", (double) GRACE.toSeconds())
                .list(row -> new DeletedCache(row.longValue("id"), row.string("name")));
    }

    /** Removes one batch of the content of such a cache. Returns whether more may be left. */
    @Transactional(TxType.MANDATORY)
    public boolean removeSome(long cacheId) {
        Map<String, Object> cache = Map.of("cache", cacheId);
        if (sql.statement("select id from cache where id = :cache and removing_at is not null")
                .bindAll(cache)
                .list()
                .isEmpty()) {
            return false;
        }
        Map<String, Object> parameters = Map.of("cache", cacheId, "some", BATCH);
        if (sql.statement(RELEASES).bindAll(parameters).update() > 0
                || removePackages(cacheId, parameters)
                || THE_REST.stream()
                        .anyMatch(
                                part -> sql.statement(part).bindAll(parameters).update() > 0)) {
            return true;
        }
        sql.statement("update cache_usage set paths = 0, bytes = 0 where cache_id = :cache")
                .bindAll(cache)
                .update();
        sql.statement("update cache set removed_at = now() where id = :cache")
                .bindAll(cache)
                .update();
        return false;
    }

    private boolean removePackages(long cacheId, Map<String, Object> parameters) {
        var removed = sql.statement(PACKAGES).bindAll(parameters).list();
        removed.forEach(row ->
                changes.append(cacheId, GONE, Optional.of(row.longValue("id")), Optional.empty(), Optional.empty()));
        return !removed.isEmpty();
    }

    /** Frees the name of a cache whose content is removed. Returns whether that was possible. */
    @Transactional(TxType.MANDATORY)
    public boolean releaseName(String name) {
        return sql.statement("delete from cache where name = :name and removed_at is not null")
                        .bind("name", name)
                        .update()
                > 0;
    }

    /** Returns whether a cache of this name exists or existed. */
    public boolean isNameUsed(String name) {
        return sql.statement("select id from cache where name = :name")
                .bind("name", name)
                .first()
                .isPresent();
    }
}
