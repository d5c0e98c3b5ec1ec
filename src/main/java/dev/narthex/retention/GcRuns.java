package dev.narthex.retention;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.List;
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
        sql.statement("""
                delete from collection where cache_id = :cache and id <= (
                  select id from collection where cache_id = :cache order by id desc offset :kept limit 1)""").bind("cache", cacheId).bind("kept", KEPT - 1).update();
        return sql.statement("""
                        insert into collection (cache_id, dry, by) values (:cache, :dry, nullif(:by, ''))
                        returning id, dry, by, started_at, ended_at, paths, bytes, releases""")
                .bind("cache", cacheId)
                .bind("dry", dry)
                .bind("by", by)
                .list(Run::of)
                .getFirst();
    }

    /** Adds to the totals of a running collection. */
    @Transactional(TxType.MANDATORY)
    public void addTotals(long cacheId, long runId, long paths, long bytes, long releases) {
        sql.statement("""
                update collection set paths = paths + :paths, bytes = bytes + :bytes, releases = releases + :releases
                where cache_id = :cache and id = :run""")
                .bind("paths", paths)
                .bind("bytes", bytes)
                .bind("releases", releases)
                .bind("cache", cacheId)
                .bind("run", runId)
                .update();
    }

    @Transactional(TxType.MANDATORY)
    public void finish(long cacheId, long runId) {
        sql.statement("update collection set ended_at = now() where cache_id = :cache and id = :run")
                .bind("cache", cacheId)
                .bind("run", runId)
                .update();
    }

    public Optional<Run> find(long cacheId, long runId) {
        return sql.statement("""
                        select id, dry, by, started_at, ended_at, paths, bytes, releases from collection
                        where cache_id = :cache and id = :run""")
                .bind("cache", cacheId)
                .bind("run", runId)
                .first()
                .map(Run::of);
    }

    /** Returns collections except dry runs, newest first. */
    public List<Run> latest(long cacheId, int limit) {
        return sql.statement("""
                        select id, dry, by, started_at, ended_at, paths, bytes, releases from collection
                        where cache_id = :cache and not dry order by id desc limit :limit""").bind("cache", cacheId).bind("limit", limit).list(Run::of);
    }

    /** Returns ids of the caches with a retention policy or expired pins. */
    public List<Long> listDueCaches() {
        return sql.statement("""
                        select c.id from cache c where c.deleted_at is null
                          and (coalesce(cast(c.retention ->> 'periodSeconds' as bigint), 0) > 0
                            or exists (select from pin i where i.cache_id = c.id and i.keep_until <= now())) order by c.id""").list(row -> row.longValue("id"));
    }

    /** Returns the name of a cache; empty if it is deleted. */
    public Optional<String> cache(long cacheId) {
        return sql.statement("select name from cache where id = :cache and deleted_at is null")
                .bind("cache", cacheId)
                .first()
                .map(row -> row.string("name"));
    }
}
