package dev.narthex.access;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records the day (UTC) on which each token was last used. Uses are collected in memory and written periodically, at most once a
 * day per token, so that read requests write nothing. A crash loses the uses since the last write.
 */
@ApplicationScoped
public class TokenLastUse {
    private final Database sql;
    private final Set<Long> used = ConcurrentHashMap.newKeySet();

    TokenLastUse(Database sql) {
        this.sql = sql;
    }

    /** @param before last day in the token's row */
    void record(long token, Optional<LocalDate> before) {
        if (!before.equals(Optional.of(LocalDate.now(ZoneOffset.UTC)))) {
            used.add(token);
        }
    }

    /** Writes the collected uses. If the statement fails, they are kept for the next call. */
    @Transactional
    public void write() {
        var ids = Set.copyOf(used);
        if (ids.isEmpty()) {
            return;
        }
        sql.statement("""
                update token t set last_used = :today from (
                  select id from token where id = any(cast(:ids as bigint[])) order by id for no key update) mine
                where t.id = mine.id and t.last_used is distinct from :today""")
                .bind("today", LocalDate.now(ZoneOffset.UTC))
                .bind("ids", ids.toArray(Long[]::new))
                .update();
        used.removeAll(ids);
    }
}
