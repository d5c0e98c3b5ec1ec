package dev.narthex.retention;

import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.Releases;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Deletes store paths that are not reachable from any root. A first statement locks the rows, skipping those that are locked by
 * others. A second statement checks them again: paths that are roots, or are referenced from outside the batch, stay, with
 * everything they reference. A concurrent push that adds a reference either commits first and is seen by the check, or waits for
 * the lock, finds the row deleted and reports the missing reference.
 *
 * <p>Lock order: the row of cache_usage, as when paths are added; then packages, as when a release is recorded; then paths, which
 * are never waited for.
 */
@ApplicationScoped
public class PathSweeper {
    public static final int BATCH = 200;

    private static final String KIND = "path";

    private static final String LOCK = """
            select p.id from path p where p.cache_id = :cache and p.id = any(cast(:ids as bigint[]))
            order by p.id for update skip locked""";

    private static final String JUDGE = """
            select p.id, p.hash_part, p.name, p.refs,
              %s or exists (select from artifact a where a.path_id = p.id and a.state <> 'proposed')
              or exists (select from pin i where i.path_id = p.id) as stays
            from path p where p.cache_id = :cache and p.id = any(cast(:ids as bigint[]))""";

    /**
     * Finds references into the batch with one scan of the reference index. A query per path would let the planner prefer a table
     * scan, since it looks cheaper for a first match. For {@code + 0} see {@link Paths#referrers}.
     */
    private static final String NEEDED = """
            select distinct r.ref from (select q.refs from path q
                where q.cache_id + 0 = :cache and q.refs && cast(:bases as text[]) and q.id <> all(cast(:ids as bigint[])) offset 0) q
              cross join lateral unnest(q.refs) r (ref) where r.ref = any(cast(:bases as text[]))""";

    private static final String BY_RULES = JUDGE.formatted(GcRoots.ANY);
    private static final String BY_PERSON = JUDGE.formatted("false");

    /**
     * Deletes paths and updates the usage. A published file has several store paths but is counted once, until the last of them
     * is deleted.
     */
    private static final String DELETE = """
            with gone as (delete from path p where p.cache_id = :cache and p.id = any(cast(:ids as bigint[]))
                returning p.nar_id, p.origin),
              per as (select g.nar_id, count(*) as n, count(*) filter (where g.origin <> 'published') as f from gone g
                group by g.nar_id),
              had as (select p.nar_id, count(*) as n, count(*) filter (where p.origin <> 'published') as f from path p
                where p.cache_id = :cache and p.nar_id in (select nar_id from per) group by p.nar_id),
              less as (select cast(coalesce(sum(per.n), 0) as bigint) as n, cast(coalesce(sum(w.nar_size * (greatest(1, had.f)
                  - case when had.n = per.n then 0 else greatest(1, had.f - per.f) end)), 0) as bigint) as bytes
                from per join had on had.nar_id = per.nar_id join nar_weight w on w.id = per.nar_id)
            update cache_usage u set paths = greatest(0, u.paths - less.n), bytes = greatest(0, u.bytes - less.bytes)
            from less where u.cache_id = :cache returning less.n, less.bytes""";

    /** Deletes metadata of the paths, including the records of derived files, so that these can be made again. */
    private static final List<String> SAID = List.of(
            "delete from derivation_meta where cache_id = :cache and hash_part = any(cast(:hashes as char(32)[]))",
            "delete from observation where cache_id = :cache and hash_part = any(cast(:hashes as char(32)[]))",
            """
            delete from ecosystem_state where cache_id = :cache and package_id is null
              and (key = any(cast(:hashes as text[]))
                or (starts_with(key, 'derived/') and body ->> 'hashPart' = any(cast(:hashes as text[]))))""",
            """
            delete from build_log l where l.cache_id = :cache and left(l.drv, 32) = any(cast(:hashes as text[]))
              and not exists (select from path o where o.cache_id = :cache and o.deriver = l.drv)""");

    private final Database sql;
    private final ChangeLog changes;
    private final Releases releases;

    PathSweeper(Database sql, ChangeLog changes, Releases releases) {
        this.sql = sql;
        this.releases = releases;
        this.changes = changes;
    }

    /**
     * Result of a deletion.
     *
     * @param ids of the deleted paths
     * @param bytes by which the usage of the cache decreased
     */
    public record SweepResult(Set<Long> ids, long bytes) {}

    /** Deletes those of the paths that the retention policy does not keep. */
    @Transactional(TxType.MANDATORY)
    public SweepResult remove(long cacheId, Retention rules, Collection<Long> ids) {
        return remove(cacheId, ids, BY_RULES, rules.parameters());
    }

    /**
     * Deletes paths regardless of the retention policy, except those that other paths, artifacts or pins reference.
     *
     * @return fewer paths than requested if some are referenced again
     */
    @Transactional(TxType.MANDATORY)
    public SweepResult purge(long cacheId, Collection<Long> ids) {
        return remove(cacheId, ids, BY_PERSON, Map.of());
    }

    private SweepResult remove(long cacheId, Collection<Long> ids, String judge, Map<String, Object> rules) {
        sql.statement("select cache_id from cache_usage where cache_id = :cache for no key update")
                .bind("cache", cacheId)
                .list();
        releases.lockProposed(cacheId, ids);
        var locked = ids(sql.statement(LOCK).bindAll(of(cacheId, ids)).list());
        if (locked.isEmpty()) {
            return new SweepResult(Set.of(), 0);
        }
        var values = new HashMap<>(of(cacheId, locked));
        values.putAll(rules);
        var rows = sql.statement(judge).bindAll(values).list();
        var going = removable(rows, referencedBaseNames(cacheId, locked, rows));
        if (going.isEmpty()) {
            return new SweepResult(Set.of(), 0);
        }
        releases.dropProposed(cacheId, going);
        var less = sql.statement(DELETE).bindAll(of(cacheId, going)).list().getFirst();
        var hashes = rows.stream()
                .filter(row -> going.contains(row.longValue("id")))
                .map(row -> row.string("hash_part"))
                .toList();
        for (var statement : SAID) {
            sql.statement(statement)
                    .bind("cache", cacheId)
                    .bind("hashes", hashes.toArray(String[]::new))
                    .update();
        }
        hashes.forEach(hash -> changes.append(cacheId, KIND, Optional.empty(), Optional.empty(), Optional.of(hash)));
        return new SweepResult(going, less.longValue("bytes"));
    }

    /** Returns the base names that paths outside the batch reference. */
    private Set<String> referencedBaseNames(long cacheId, Set<Long> ids, List<Row> rows) {
        var values = new HashMap<>(of(cacheId, ids));
        values.put("bases", rows.stream().map(PathSweeper::base).toArray(String[]::new));
        return sql.statement(NEEDED).bindAll(values).list().stream()
                .map(row -> row.string("ref"))
                .collect(Collectors.toSet());
    }

    /** Removes from the batch the paths that stay, and everything that they reference. */
    private static Set<Long> removable(List<Row> rows, Set<String> needed) {
        var byBase = rows.stream().collect(Collectors.toMap(PathSweeper::base, row -> row));
        var going = new HashSet<>(ids(rows));
        var staying = new ArrayDeque<>(rows.stream()
                .filter(row -> row.bool("stays") || needed.contains(base(row)))
                .toList());
        while (!staying.isEmpty()) {
            var row = staying.remove();
            if (going.remove(row.longValue("id"))) {
                row.strings("refs").stream()
                        .map(byBase::get)
                        .filter(ref -> ref != null && going.contains(ref.longValue("id")))
                        .forEach(staying::add);
            }
        }
        return going;
    }

    private static String base(Row row) {
        return row.string("hash_part") + "-" + row.string("name");
    }

    private static Set<Long> ids(List<Row> rows) {
        return rows.stream().map(row -> row.longValue("id")).collect(Collectors.toSet());
    }

    /**
     * Returns a path and everything that refers to it directly or indirectly, at most {@code limit} paths. For reference cycles,
     * which can only be deleted together.
     */
    public Set<Long> withReferrers(long cacheId, long pathId, int limit) {
        return ids(sql.statement(WhyKept.referrersSql("p.id = :path") + "select id from up limit :limit")
                .bind("cache", cacheId)
                .bind("path", pathId)
                .bind("limit", limit)
                .list());
    }

    private static Map<String, Object> of(long cacheId, Collection<Long> ids) {
        return Map.of("cache", cacheId, "ids", ids.toArray(Long[]::new));
    }
}
