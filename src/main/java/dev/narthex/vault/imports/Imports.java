package dev.narthex.vault.imports;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores imports of other binary caches, at most one per cache and source. Their paths are in {@link ImportPaths}. */
@ApplicationScoped
public class Imports {
    private static final int MAX_RUNS = 100;
    private static final String COLUMNS =
            "id, cache_id, source, listing, trusted_keys, private_addresses, state, note, started_by, started_at";

    private final Database sql;

    Imports(Database sql) {
        this.sql = sql;
    }

    /**
     * Starts an import. A running one continues with the new parameters; a stopped one resumes and retries failed and missing
     * paths; a completed one starts again from the beginning.
     */
    @Transactional(TxType.MANDATORY)
    public ImportRun start(long cacheId, ImportRun.ImportParams order) {
        var at = Map.<String, Object>of("cache", cacheId, "source", order.source());
        sql.statement("delete from import_run where cache_id = :cache and source = :source and state = 'done'")
                .bindAll(at)
                .update();
        sql.statement("""
                update import_path p set state = 'wanted', reason = '', ended_at = null
                from import_run r where r.cache_id = :cache and r.source = :source and r.state = 'stopped'
                  and p.run_id = r.id and p.state in ('missing', 'failed')""").bindAll(at).update();
        var row = sql.statement("""
                insert into import_run as r (cache_id, source, listing, trusted_keys, private_addresses, started_by)
                values (:cache, :source, :listing, :keys, :private, :by)
                on conflict (cache_id, source) do update set listing = r.listing or excluded.listing,
                  trusted_keys = excluded.trusted_keys, private_addresses = excluded.private_addresses,
                  started_by = excluded.started_by, state = 'running', note = '', ended_at = null,
                  started_at = case when r.state = 'running' then r.started_at else now() end
                returning\s""" + COLUMNS)
                .bind("cache", cacheId)
                .bind("source", order.source())
                .bind("listing", order.listing())
                .bind("keys", order.trustedKeys().toArray(String[]::new))
                .bind("private", order.privateAddresses())
                .bind("by", order.by())
                .first();
        return row.map(ImportRun::of).orElseThrow();
    }

    public Optional<ImportRun> find(long cacheId, long id) {
        return sql.statement("select " + COLUMNS + " from import_run where cache_id = :cache and id = :id")
                .bind("cache", cacheId)
                .bind("id", id)
                .first()
                .map(ImportRun::of);
    }

    /** Returns the imports of a cache, newest first. */
    public List<ImportRun> list(long cacheId) {
        return sql.statement("select " + COLUMNS
                        + " from import_run where cache_id = :cache order by started_at desc limit :limit")
                .bind("cache", cacheId)
                .bind("limit", MAX_RUNS)
                .list(ImportRun::of);
    }

    /** Records that the source's list of paths was read. */
    @Transactional(TxType.MANDATORY)
    public void markListed(ImportRun run) {
        sql.statement("update import_run set listing = false where cache_id = :cache and id = :id")
                .bind("cache", run.cacheId())
                .bind("id", run.id())
                .update();
    }

    /** Stops a running import; {@link #start} resumes it. */
    @Transactional(TxType.MANDATORY)
    public void stop(ImportRun run, String why) {
        sql.statement("""
                update import_run set state = 'stopped', note = :why, ended_at = now()
                where cache_id = :cache and id = :id and state = 'running'""")
                .bind("cache", run.cacheId())
                .bind("id", run.id())
                .bind("why", why)
                .update();
    }

    /** Completes a running import if no work is left. Returns whether it did. */
    @Transactional(TxType.MANDATORY)
    public boolean finish(ImportRun run) {
        return sql.statement("""
                        update import_run r set state = 'done', ended_at = now()
                        where r.cache_id = :cache and r.id = :id and r.state = 'running' and not r.listing
                          and not exists (select from import_path p where p.run_id = r.id and p.state in ('wanted', 'known'))""")
                        .bind("cache", run.cacheId())
                        .bind("id", run.id())
                        .update()
                > 0;
    }
}
