package dev.narthex.store;

import dev.narthex.db.StoreDatabase;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.StoreConfig;
import dev.narthex.store.pack.Uuid7;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Manages packs while they are being written. The row is inserted first, in state W with a lease, so that a backend never
 * contains an object that the database does not know. If the writer dies, the lease expires and the sweep finds the object
 * through the row.
 */
@ApplicationScoped
public class PackLeases {
    private final StoreDatabase database;
    private final ConfiguredBackends backends;
    private final Duration lease;

    public PackLeases(StoreDatabase database, ConfiguredBackends backends, StoreConfig config) {
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
        long id = database.inNewTransaction(c -> insert(c, key, domain.id(), backend));
        return new LeasedPack(id, new PackKey(domain.code(), key), backend);
    }

    private long insert(Connection c, UUID key, long domainId, Backend backend) throws SQLException {
        try (var insert = c.prepareStatement("""
                INSERT INTO pack (key, domain_id, backend, lease_until)
                VALUES (?, ?, ?, now() + make_interval(secs => ?)) RETURNING id""")) {
            insert.setObject(1, key);
            insert.setLong(2, domainId);
            insert.setInt(3, backend.number());
            insert.setDouble(4, StoreDatabase.toSeconds(lease));
            try (var row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    public Backend.Writer openWriter(LeasedPack pack) throws IOException {
        return pack.backend().openWriter(pack.key());
    }

    public void renew(List<LeasedPack> packs) {
        int renewed = database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET lease_until = now() + make_interval(secs => ?)
                    WHERE id = ANY (?) AND state = 'W'""")) {
                update.setDouble(1, StoreDatabase.toSeconds(lease));
                update.setArray(
                        2, toSqlArray(c, packs.stream().map(LeasedPack::id).toList()));
                return update.executeUpdate();
            }
        });
        if (renewed != packs.size()) {
            throw leaseLostProblem();
        }
    }

    /** Changes the state from W to L, in the transaction that adds the first reference. */
    public void markLive(Connection c, WrittenPack pack) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET state = 'L', lease_until = NULL, bytes = ?, raw_bytes = ?, chunks = ?, crc32c = ?
                WHERE id = ? AND state = 'W'""")) {
            update.setLong(1, pack.bytes());
            update.setLong(2, pack.rawBytes());
            update.setInt(3, pack.chunks());
            update.setInt(4, pack.crc32c());
            update.setLong(5, pack.pack().id());
            if (update.executeUpdate() != 1) {
                throw leaseLostProblem();
            }
        }
    }

    /**
     * Deletes a pack that was never live. It has no readers, so no grace period is needed. A row that is locked by
     * another transaction or has become live is left alone. If a failed write could still take effect later, the row is kept
     * until then, so that the sweep deletes the object once more.
     */
    public void discard(LeasedPack pack) {
        var delay = pack.backend().maxWriteDelay();
        if (database.inNewTransaction(c -> condemn(c, pack.id(), delay)) == 0) {
            return;
        }
        try {
            pack.backend().delete(pack.key());
        } catch (IOException e) {
            Log.warnf(e, "discarded pack %s stays until the sweep", pack.key().id());
            return;
        }
        if (delay.isZero()) {
            database.inNewTransaction(c -> deleteCondemnedRows(c, List.of(pack.id())));
        }
    }

    private static int condemn(Connection c, long id, Duration delay) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(),
                  next_try = now() + make_interval(secs => ?)
                WHERE id = (SELECT id FROM pack WHERE id = ? AND state = 'W' FOR UPDATE SKIP LOCKED)""")) {
            update.setDouble(1, StoreDatabase.toSeconds(delay));
            update.setLong(2, id);
            return update.executeUpdate();
        }
    }

    /** Deletes the row of a copy, in the transaction in which another row takes over its bytes. */
    public static void deleteLeasedRow(Connection c, LeasedPack pack) throws SQLException {
        try (var delete = c.prepareStatement("DELETE FROM pack WHERE id = ? AND state = 'W'")) {
            delete.setLong(1, pack.id());
            if (delete.executeUpdate() != 1) {
                throw leaseLostProblem();
            }
        }
    }

    /** Deletes the rows of condemned packs whose objects were deleted. */
    public static int deleteCondemnedRows(Connection c, List<Long> deletedIds) throws SQLException {
        try (var delete = c.prepareStatement("DELETE FROM pack WHERE id = ANY (?) AND state = 'C'")) {
            delete.setArray(1, toSqlArray(c, deletedIds));
            return delete.executeUpdate();
        }
    }

    public static java.sql.Array toSqlArray(Connection c, List<Long> ids) throws SQLException {
        return c.createArrayOf("bigint", ids.toArray());
    }

    private static RuntimeException leaseLostProblem() {
        return Problem.unavailable("The upload paused for too long and was aborted. Try again.", 1);
    }
}
