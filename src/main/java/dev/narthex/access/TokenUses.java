package dev.narthex.access;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * On which day each token was used last. Noted in memory and written now and then, once a day for each token, so that reading
 * stays reading: a crash loses what was noted since. Days are those of UTC.
 */
@ApplicationScoped
public class TokenUses {
    private final EntityManager em;
    private final Set<Long> used = ConcurrentHashMap.newKeySet();

    TokenUses(EntityManager em) {
        this.em = em;
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
        em.createNativeQuery("""
                        update token t set last_used = :today from (
                          select id from token where id = any(cast(:ids as bigint[])) order by id for no key update) mine
                        where t.id = mine.id and t.last_used is distinct from :today""")
                .setParameter("today", LocalDate.now(ZoneOffset.UTC))
                .setParameter("ids", ids.toArray(Long[]::new))
                .executeUpdate();
        used.removeAll(ids);
    }
}
