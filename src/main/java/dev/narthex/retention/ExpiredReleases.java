package dev.narthex.retention;

import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds and removes releases beyond the number of versions that the retention policy keeps. */
@ApplicationScoped
public class ExpiredReleases {
    private static final int AT_ONCE = 100;

    private static final String SELECT_EXPIRED = """
            select k.id, k.ecosystem, k.normalized, r.version from package k join release r on r.package_id = k.id
            where k.cache_id = :cache and r.state = 'released' and %s""".formatted(VersionRetentionRule.EXPIRED);

    private final Database sql;
    private final PackageEditRepository edits;

    ExpiredReleases(Database sql, PackageEditRepository edits) {
        this.sql = sql;
        this.edits = edits;
    }

    public record ExpiredRelease(long packageId, String ecosystem, String normalized, String version) {}

    /** Lists releases to remove, ordered by package, starting after a package id. */
    public List<ExpiredRelease> listExpired(long cacheId, Retention rules, long afterPackage, int limit) {
        return list(
                cacheId,
                rules,
                " and k.id > :after order by k.id, r.id limit :limit",
                Map.of("after", afterPackage, "limit", limit));
    }

    /** Counts the releases to remove. */
    public long count(long cacheId, Retention rules) {
        var values = new HashMap<>(rules.parameters());
        values.put("cache", cacheId);
        return sql.statement("select count(*) as n from (" + SELECT_EXPIRED + ") old")
                .bindAll(values)
                .list()
                .getFirst()
                .longValue("n");
    }

    private List<ExpiredRelease> list(long cacheId, Retention rules, String which, Map<String, Object> more) {
        var values = new HashMap<>(rules.parameters());
        values.putAll(more);
        values.put("cache", cacheId);
        return sql.statement(SELECT_EXPIRED + which)
                .bindAll(values)
                .list(row -> new ExpiredRelease(
                        row.longValue("id"), row.string("ecosystem"), row.string("normalized"), row.string("version")));
    }

    /**
     * Removes old releases of one package, at most {@value #AT_ONCE}, as if a person removed them. Checks again after locking the
     * package.
     *
     * @param by name recorded in the tombstones
     * @param reason recorded in the tombstones
     * @return the removed versions
     */
    @Transactional(TxType.MANDATORY)
    public List<String> remove(long cacheId, ExpiredRelease release, Retention rules, String by, String reason) {
        var locked = edits.lock(cacheId, release.ecosystem(), release.normalized());
        if (locked.isEmpty()) {
            return List.of();
        }
        var old = list(
                cacheId,
                rules,
                " and k.id = :package order by r.id limit :limit",
                Map.of("package", locked.get().id(), "limit", AT_ONCE));
        return old.stream()
                .map(ExpiredRelease::version)
                .filter(version -> edits.remove(locked.get(), version, by, reason))
                .toList();
    }
}
