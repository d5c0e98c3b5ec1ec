package dev.narthex.catalog;

import dev.narthex.db.Database;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Updates the statistics of PostgreSQL's planner during mass writes. Autovacuum would do it minutes later; until then
 * statements that were planned on nearly empty tables can be a thousand times slower.
 */
@Singleton
public class Statistics {
    /** Number of calls of {@link #onWrite} after which the tables are checked. */
    private static final int INTERVAL = 500;

    /** With fewer modified rows, every plan is fast. */
    private static final int MIN_ROWS = 1000;

    /** Minimum share of modified rows, so that a table that grows to a million rows is analyzed about a dozen times. */
    private static final double MIN_GROWTH = 0.5;

    private final Database sql;
    private final AtomicInteger written = new AtomicInteger();

    Statistics(Database sql) {
        this.sql = sql;
    }

    /**
     * Counts a committed write. Every {@value #INTERVAL} calls, updates the statistics of tables that have grown considerably.
     */
    public void onWrite() {
        if (written.incrementAndGet() % INTERVAL == 0) {
            update();
        }
    }

    /** Analyzes tables with many changes. Skips tables that autovacuum or another process is analyzing. */
    public void update() {
        var grown = sql.statement("""
                select relid::regclass::text as name from pg_stat_user_tables
                where schemaname = current_schema() and n_mod_since_analyze > :rows
                  and n_mod_since_analyze > :growth * n_live_tup""")
                .bind("rows", MIN_ROWS)
                .bind("growth", MIN_GROWTH)
                .list();
        for (var table : grown) {
            sql.statement("analyze (skip_locked) " + table.string("name")).update();
        }
    }
}
