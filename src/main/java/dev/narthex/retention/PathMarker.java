package dev.narthex.retention;

import dev.narthex.catalog.cache.Retention;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mark phase of garbage collection: marks the roots of a cache, then in rounds everything they reference. Each batch is its
 * own transaction and locks no paths, so a collection of millions of paths takes time, but little memory, and blocks no other
 * work. Unmarked paths may be deleted after {@link PathSweeper} checks them again, since a root or reference may be new.
 */
@ApplicationScoped
public class PathMarker {
    static final int BATCH = 2000;

    private static final String SEED = """
            with batch as (select p.id, p.hash_part, p.nar_id, p.pushed_at, p.last_access from path p
                where p.cache_id = :cache and p.hash_part > cast(:after as char(32)) order by p.hash_part limit :limit),
              roots as (insert into collection_mark (collection_id, round, path_id)
                select :run, 0, p.id from batch p where %s on conflict do nothing)
            select max(hash_part) as last from batch""".formatted(GcRoots.ANY);

    private static final String FOLLOW = """
            with batch as (select m.path_id from collection_mark m
                where m.collection_id = :run and m.round = :round and m.path_id > :after order by m.path_id limit :limit),
              reached as (insert into collection_mark (collection_id, round, path_id)
                select distinct cast(:run as bigint), cast(:next as int), q.id
                from batch s cross join lateral (
                    select p.refs from path p where p.cache_id = :cache and p.id = s.path_id offset 0) p
                  cross join lateral unnest(p.refs) r (ref) cross join lateral (
                    select q.id from path q where q.cache_id = :cache and q.hash_part = cast(left(r.ref, 32) as char(32))
                    offset 0) q
                on conflict do nothing)
            select max(path_id) as last from batch""";

    /** A subquery, because without statistics of the marks the planner could join all of them for each batch. */
    private static final String UNMARKED =
            "(select count(*) from collection_mark m where m.collection_id = :run and m.path_id = p.id) = 0";

    private final Database sql;

    PathMarker(Database sql) {
        this.sql = sql;
    }

    /**
     * Marks the roots in the next batch of paths.
     *
     * @param after hash part of the last path of the batch before; empty to begin
     * @return hash part of the last path of this batch; empty if there are no more
     */
    @Transactional(TxType.MANDATORY)
    public Optional<String> markRoots(long cacheId, long runId, Retention rules, String after) {
        var values = new HashMap<>(rules.parameters());
        values.putAll(Map.of("cache", cacheId, "run", runId, "after", after, "limit", BATCH));
        return sql.statement(SEED).bindAll(values).first().flatMap(row -> row.optionalString("last"));
    }

    /**
     * Marks the references of the next batch of a round, for the next round.
     *
     * @return id of the last path of this batch; empty if there are no more
     */
    @Transactional(TxType.MANDATORY)
    public Optional<Long> markReferences(long cacheId, long runId, int round, long after) {
        return sql.statement(FOLLOW)
                .bind("cache", cacheId)
                .bind("run", runId)
                .bind("round", round)
                .bind("next", round + 1)
                .bind("after", after)
                .bind("limit", BATCH)
                .first()
                .flatMap(row -> row.optionalLong("last"));
    }

    /** A path that is not marked. */
    public record UnreachablePath(long id, StorePath path, long narSize, Instant pushedAt) {
        static UnreachablePath of(Row row) {
            return new UnreachablePath(
                    row.longValue("id"),
                    new StorePath(row.string("hash_part"), row.string("name")),
                    row.longValue("nar_size"),
                    row.instant("pushed_at"));
        }
    }

    /**
     * Returns unmarked paths, newest first, so that referrers mostly precede their references.
     *
     * @param before push time of the last path of the batch before
     * @param beforeId id of that path
     */
    public List<UnreachablePath> listUnreachable(long cacheId, long runId, Instant before, long beforeId, int limit) {
        return sql.statement("""
                        select p.id, p.hash_part, p.name, p.pushed_at, w.nar_size from path p join nar_weight w on w.id = p.nar_id
                        where p.cache_id = :cache and (p.pushed_at, p.id) < (:before, :id) and %s
                        order by p.pushed_at desc, p.id desc limit :limit""".formatted(UNMARKED))
                .bind("cache", cacheId)
                .bind("run", runId)
                .bind("before", before)
                .bind("id", beforeId)
                .bind("limit", limit)
                .list(UnreachablePath::of);
    }

    /** Counts the unmarked paths, and sums up their NAR sizes, before deduplication and compression. */
    public PathTotals totalUnreachable(long cacheId, long runId, Instant before) {
        var row = sql.statement("""
                        select count(*) as n, cast(coalesce(sum(w.nar_size), 0) as bigint) as bytes
                        from path p join nar_weight w on w.id = p.nar_id
                        where p.cache_id = :cache and p.pushed_at < :before and %s""".formatted(UNMARKED))
                .bind("cache", cacheId)
                .bind("run", runId)
                .bind("before", before)
                .list()
                .getFirst();
        return new PathTotals(row.longValue("n"), row.longValue("bytes"));
    }

    public record PathTotals(long paths, long bytes) {}

    /** Deletes the marks of this run, and of crashed runs. */
    @Transactional(TxType.MANDATORY)
    public void deleteMarks(long cacheId, long runId) {
        sql.statement("""
                delete from collection_mark where collection_id = any(array(
                  select cast(:run as bigint) union all
                  select c.id from collection c where c.cache_id = :cache and c.ended_at is null
                    and c.started_at < now() - interval '2 days'))""").bind("run", runId).bind("cache", cacheId).update();
    }
}
