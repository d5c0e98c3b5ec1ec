package dev.narthex.catalog;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Synchronization;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The log of changes, which search, feeds and document caches follow. Numbers are taken from a one-row head that stays locked
 * until commit, so commit order is number order and one number is a cursor.
 *
 * <p>What is appended is written as the last thing of the transaction, all at once: taken earlier, the head would be held
 * while rows are waited for whose holder waits for the head. The same change twice in a transaction is one.
 */
@ApplicationScoped
public class Changes {
    private final Sql sql;
    private final TransactionManager transactions;
    private final TransactionSynchronizationRegistry registry;

    Changes(Sql sql, TransactionManager transactions, TransactionSynchronizationRegistry registry) {
        this.sql = sql;
        this.transactions = transactions;
        this.registry = registry;
    }

    private record Change(
            long cacheId, String kind, Optional<Long> packageId, Optional<Long> releaseId, Optional<String> hashPart) {}

    /**
     * Notes a change of this transaction.
     *
     * @param kind "path", "release" or another short stable word
     */
    @Transactional(TxType.MANDATORY)
    public void append(
            long cacheId, String kind, Optional<Long> packageId, Optional<Long> releaseId, Optional<String> hashPart) {
        pending().add(new Change(cacheId, kind, packageId, releaseId, hashPart));
    }

    /** Grows with every committed change; another restore begins another series. */
    public String revision() {
        var head = sql.rows("select epoch, seq from change_head", Map.of()).getFirst();
        return head.uuid("epoch").toString().substring(0, 8) + "-" + Long.toString(head.number("seq"), 36);
    }

    @SuppressWarnings("unchecked")
    private Set<Change> pending() {
        var known = registry.getResource(Changes.class);
        if (known != null) {
            return (Set<Change>) known;
        }
        var fresh = new LinkedHashSet<Change>();
        registry.putResource(Changes.class, fresh);
        writeAtTheEnd(fresh);
        return fresh;
    }

    /** Not an interposed synchronization: those run after the session has given its connection back. */
    private void writeAtTheEnd(Set<Change> changes) {
        try {
            transactions.getTransaction().registerSynchronization(new Synchronization() {
                @Override
                public void beforeCompletion() {
                    write(changes);
                }

                @Override
                public void afterCompletion(int status) {}
            });
        } catch (SystemException | RollbackException e) {
            throw new IllegalStateException("no transaction to note the change in", e);
        }
    }

    private void write(Set<Change> changes) {
        sql.change("""
                with head as (update change_head set seq = seq + :n returning seq)
                insert into change (seq, cache_id, kind, package_id, release_id, hash_part)
                select head.seq - :n + c.ord, c.cache_id, c.kind, nullif(c.package_id, 0), nullif(c.release_id, 0),
                  nullif(c.hash_part, '')
                from head, unnest(cast(:caches as bigint[]), cast(:kinds as text[]), cast(:packages as bigint[]),
                  cast(:releases as bigint[]), cast(:hashes as text[]))
                  with ordinality as c (cache_id, kind, package_id, release_id, hash_part, ord)""", Map.of(
                "n", changes.size(),
                "caches", changes.stream().map(Change::cacheId).toArray(Long[]::new),
                "kinds", changes.stream().map(Change::kind).toArray(String[]::new),
                "packages", changes.stream().map(c -> c.packageId().orElse(0L)).toArray(Long[]::new),
                "releases", changes.stream().map(c -> c.releaseId().orElse(0L)).toArray(Long[]::new),
                "hashes", changes.stream().map(c -> c.hashPart().orElse("")).toArray(String[]::new)));
    }
}
