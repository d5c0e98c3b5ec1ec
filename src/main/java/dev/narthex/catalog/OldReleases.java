package dev.narthex.catalog;

import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Releases that a cache keeps no longer, since newer ones of their packages came. */
@ApplicationScoped
public class OldReleases {
    private static final int AT_ONCE = 100;

    private static final String LEAVING = """
            select k.id, k.ecosystem, k.normalised, r.version from package k join release r on r.package_id = k.id
            where k.cache_id = :cache and r.state = 'released' and %s""".formatted(Roots.LEAVING);

    private final Sql sql;
    private final PackageEdits edits;

    OldReleases(Sql sql, PackageEdits edits) {
        this.sql = sql;
        this.edits = edits;
    }

    public record Old(long packageId, String ecosystem, String normalised, String version) {}

    /** Those that are to go, by packages, from after this one. */
    public List<Old> leaving(long cacheId, Retention rules, long afterPackage, int limit) {
        return list(
                cacheId,
                rules,
                " and k.id > :after order by k.id, r.id limit :limit",
                Map.of("after", afterPackage, "limit", limit));
    }

    /** How many there are. */
    public long count(long cacheId, Retention rules) {
        var values = new HashMap<>(rules.parameters());
        values.put("cache", cacheId);
        return sql.rows("select count(*) as n from (" + LEAVING + ") old", values)
                .getFirst()
                .number("n");
    }

    private List<Old> list(long cacheId, Retention rules, String which, Map<String, Object> more) {
        var values = new HashMap<>(rules.parameters());
        values.putAll(more);
        values.put("cache", cacheId);
        return sql.rows(LEAVING + which, values).stream()
                .map(row ->
                        new Old(row.number("id"), row.text("ecosystem"), row.text("normalised"), row.text("version")))
                .toList();
    }

    /**
     * Removes the first of one package that are to go, looked at again under its lock, as if a person had removed them.
     *
     * @param by who is said to have done it
     * @param reason that their tombstones give
     * @return the versions that went
     */
    @Transactional(TxType.MANDATORY)
    public List<String> remove(long cacheId, Old one, Retention rules, String by, String reason) {
        var locked = edits.lock(cacheId, one.ecosystem(), one.normalised());
        if (locked.isEmpty()) {
            return List.of();
        }
        var old = list(
                cacheId,
                rules,
                " and k.id = :package order by r.id limit :limit",
                Map.of("package", locked.get().id(), "limit", AT_ONCE));
        return old.stream()
                .map(Old::version)
                .filter(version -> edits.remove(locked.get(), version, by, reason))
                .toList();
    }
}
