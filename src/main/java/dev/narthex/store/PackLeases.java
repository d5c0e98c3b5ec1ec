package dev.narthex.store;

import dev.narthex.db.Database;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.StoreConfig;
import dev.narthex.store.pack.Uuid7;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Manages packs while they are being written. The row is inserted first, in state W with a lease, so that a backend never
 * contains an object that the database does not know. If the writer dies, the lease expires and the sweep finds the object
 * through the row.
 */
@ApplicationScoped
public class PackLeases {
    private final Database database;
    private final ConfiguredBackends backends;
    private final Duration lease;

    public PackLeases(Database database, ConfiguredBackends backends, StoreConfig config) {
        this.database = database;
        this.backends = backends;
        this.lease = config.lease();
    }

    /** A pack that this process is writing. */
    public record LeasedPack(long id, PackKey key, Backend backend) {}

    /**
     * A durable pack that no NAR refers to yet.
     *
     * @param hints the index entries by which other NARs find its chunks
     */
    public record WrittenPack(
            LeasedPack pack, long bytes, long rawBytes, int chunks, int crc32c, List<ChunkIndex.ChunkHint> hints) {}

    /**
     * Whether a lease should be renewed: a third of it has passed.
     *
     * @param lastRenewal {@link System#nanoTime} of the last renewal
     */
    public boolean needsRenewal(long lastRenewal) {
        return System.nanoTime() - lastRenewal > lease.toNanos() / 3;
    }

    public LeasedPack create(DedupDomains.Domain domain) {
        var key = Uuid7.generate();
        var backend = backends.writeTarget();
        long id = database.inNewTransaction(() -> database.statement("""
                        INSERT INTO pack (key, domain_id, backend, lease_until)
                        VALUES (:key, :domain, :backend, now() + make_interval(secs => :lease)) RETURNING id""")
                .bind("key", key)
                .bind("domain", domain.id())
                .bind("backend", backend.number())
                .bind("lease", lease)
                .one()
                .longValue("id"));
        return new LeasedPack(id, new PackKey(domain.code(), key), backend);
    }

    public Backend.Writer openWriter(LeasedPack pack) throws IOException {
        return pack.backend().openWriter(pack.key());
    }

    public void renew(List<LeasedPack> packs) {
        int renewed = database.inNewTransaction(() -> database.statement("""
                        UPDATE pack SET lease_until = now() + make_interval(secs => :lease)
                        WHERE id = ANY (:packs) AND state = 'W'""")
                .bind("lease", lease)
                .bindIds("packs", packs.stream().map(LeasedPack::id).toList())
                .update());
        if (renewed != packs.size()) {
            throw leaseLostProblem();
        }
    }

    /** Changes the state from W to L, in the transaction that adds the first reference. */
    public void markLive(WrittenPack pack) {
        int updated = database.statement("""
                        UPDATE pack SET state = 'L', lease_until = NULL,
                          bytes = :bytes, raw_bytes = :rawBytes, chunks = :chunks, crc32c = :crc32c
                        WHERE id = :pack AND state = 'W'""")
                .bind("bytes", pack.bytes())
                .bind("rawBytes", pack.rawBytes())
                .bind("chunks", pack.chunks())
                .bind("crc32c", pack.crc32c())
                .bind("pack", pack.pack().id())
                .update();
        if (updated != 1) {
            throw leaseLostProblem();
        }
    }

    /**
     * Deletes a pack that was never live. It has no readers, so no grace period is needed. A row that is locked by
     * another transaction or has become live is left alone. If a failed write could still take effect later, the row is kept
     * until then, so that the sweep deletes the object once more.
     */
    public void discard(LeasedPack pack) {
        var delay = pack.backend().maxWriteDelay();
        if (database.inNewTransaction(() -> condemn(pack.id(), delay)) == 0) {
            return;
        }
        try {
            pack.backend().delete(pack.key());
        } catch (IOException e) {
            Log.warnf(e, "discarded pack %s stays until the sweep", pack.key().id());
            return;
        }
        if (delay.isZero()) {
            database.inNewTransaction(() -> deleteCondemnedRows(List.of(pack.id())));
        }
    }

    private int condemn(long id, Duration delay) {
        return database.statement("""
                        UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(),
                          next_try = now() + make_interval(secs => :delay)
                        WHERE id = (SELECT id FROM pack WHERE id = :pack AND state = 'W' FOR UPDATE SKIP LOCKED)""").bind("delay", delay).bind("pack", id).update();
    }

    /** Deletes the row of a copy, in the transaction in which another row takes over its bytes. */
    public void deleteLeasedRow(LeasedPack pack) {
        int deleted = database.statement("DELETE FROM pack WHERE id = :pack AND state = 'W'")
                .bind("pack", pack.id())
                .update();
        if (deleted != 1) {
            throw leaseLostProblem();
        }
    }

    /** Deletes the rows of condemned packs whose objects were deleted. */
    public int deleteCondemnedRows(List<Long> deletedIds) {
        return database.statement("DELETE FROM pack WHERE id = ANY (:packs) AND state = 'C'")
                .bindIds("packs", deletedIds)
                .update();
    }

    private static RuntimeException leaseLostProblem() {
        return Problem.unavailable("The upload paused for too long and was aborted. Try again.", 1);
    }
}
