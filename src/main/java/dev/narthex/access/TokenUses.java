package dev.narthex.access;

import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * On which day each token was used last. Noted in memory and written now and then, once a day for each token, so that reading
 * stays reading: a crash loses what was noted since. Days are those of UTC.
 */
@ApplicationScoped
public class TokenUses {
    private final Sql sql;
    private final Set<Long> used = ConcurrentHashMap.newKeySet();

    TokenUses(Sql sql) {
        this.sql = sql;
    }

    /** @param before the day that its row has */
    void note(long token, Optional<LocalDate> before) {
        if (!before.equals(Optional.of(LocalDate.now(ZoneOffset.UTC)))) {
            used.add(token);
        }
    }

    /** Writes what was noted since the last call; what cannot be written now is kept for the next. */
    @Transactional
    public void write() {
        var ids = Set.copyOf(used);
        if (ids.isEmpty()) {
            return;
        }
        sql.change("""
                update token t set last_used = :today from (
                  select id from token where id = any(cast(:ids as bigint[])) order by id for no key update) mine
                where t.id = mine.id and t.last_used is distinct from :today""", Map.of("today", LocalDate.now(ZoneOffset.UTC), "ids", ids.toArray(Long[]::new)));
        used.removeAll(ids);
    }
}
