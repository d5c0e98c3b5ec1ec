package dev.narthex.retention;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records garbage collections of caches, running and past ones, with the amounts that they freed. */
@ApplicationScoped
public class GcRuns {
    private static final int KEPT = 50;

    private final Database sql;

    GcRuns(Database sql) {
        this.sql = sql;
    }

    /**
     * A garbage collection.
     *
     * @param dry whether it is a dry run, which deletes nothing
     * @param by name of the principal who requested it; empty for the nightly one
     * @param ended empty while it runs
     * @param bytes sum of the NAR sizes of the deleted paths
     */
    public record Run(
            long id,
            boolean dry,
            Optional<String> by,
            Instant started,
            Optional<Instant> ended,
            long paths,
            long bytes,
            long releases) {
        static Run of(Row row) {
            return new Run(
                    row.longValue("id"),
                    row.bool("dry"),
                    row.optionalString("by"),
                    row.instant("started_at"),
                    row.optionalInstant("ended_at"),
                    row.longValue("paths"),
                    row.longValue("bytes"),
                    row.longValue("releases"));
        }
    }

    /**
     * Starts a collection, and deletes all but the latest {@value #KEPT} records of the cache.
     *
     * @param by empty for the nightly one
     */
    @Transactional(TxType.MANDATORY)
    public Run begin(long cacheId, boolean dry, String by) {
        sql.update("""
                delete from collection where cache_id = :cache and id <= (
                  select id from collection where cache_id = :cache order by id desc offset :kept limit 1)""", Map.of("cache", cacheId, "kept", KEPT - 1));
        return sql.query("""
                        insert into collection (cache_id, dry, by) values (:cache, :dry, nullif(:by, ''))
                        returning id, dry, by, started_at, ended_at, paths, bytes, releases""", Map.of("cache", cacheId, "dry", dry, "by", by)).stream()
                .map(Run::of)
                .toList()
                .getFirst();
    }

    /** Adds to the totals of a running collection. */
    @Transactional(TxType.MANDATORY)
    public void addTotals(long cacheId, long runId, long paths, long bytes, long releases) {
        sql.update("""
                update collection set paths = paths + :paths, bytes = bytes + :bytes, releases = releases + :releases
                where cache_id = :cache and id = :run""", Map.of("paths", paths, "bytes", bytes, "releases", releases, "cache", cacheId, "run", runId));
    }

    @Transactional(TxType.MANDATORY)
    public void finish(long cacheId, long runId) {
        sql.update(
                "update collection set ended_at = now() where cache_id = :cache and id = :run",
                Map.of("cache", cacheId, "run", runId));
    }

    public Optional<Run> find(long cacheId, long runId) {
        return sql.queryOne("""
                        select id, dry, by, started_at, ended_at, paths, bytes, releases from collection
                        where cache_id = :cache and id = :run""", Map.of("cache", cacheId, "run", runId)).map(Run::of);
    }

    /** Returns collections except dry runs, newest first. */
    public List<Run> latest(long cacheId, int limit) {
        return sql.query("""
                        select id, dry, by, started_at, ended_at, paths, bytes, releases from collection
                        where cache_id = :cache and not dry order by id desc limit :limit""", Map.of("cache", cacheId, "limit", limit)).stream()
                .map(Run::of)
                .toList();
    }

    /** Returns ids of the caches with a retention policy or expired pins. */
    public List<Long> listDueCaches() {
        return sql.query("""
                        select c.id from cache c where c.deleted_at is null
                          and (coalesce(cast(c.retention ->> 'periodSeconds' as bigint), 0) > 0
                            or exists (select from pin i where i.cache_id = c.id and i.keep_until <= now())) order by c.id""", Map.of()).stream().map(row -> row.longValue("id")).toList();
    }

    /** Returns the name of a cache; empty if it is deleted. */
    public Optional<String> cache(long cacheId) {
        return sql.queryOne("select name from cache where id = :cache and deleted_at is null", Map.of("cache", cacheId))
                .map(row -> row.string("name"));
    }
}
