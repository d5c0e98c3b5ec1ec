package dev.narthex.store;

import dev.narthex.problem.Problem;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Packs while their writer has them. The row comes first, in state W with a lease, so that no byte lies in a backend that
 * the database does not know of; whatever the writer dies of, the lease runs out and the row leads to the bytes.
 */
@ApplicationScoped
class Packs {
    private final Database database;
    private final Backends backends;
    private final Duration lease;

    Packs(Database database, Backends backends, StoreConfig config) {
        this.database = database;
        this.backends = backends;
        this.lease = config.lease();
    }

    /** A pack that this process writes. */
    record Own(long id, PackKey key, Backend backend) {}

    /**
     * A pack that is durable and waits for its NAR's row.
     *
     * @param hints by which others find what they have in common with it
     */
    record Written(Own pack, long bytes, long rawBytes, int chunks, int crc32c, List<Sharing.Hint> hints) {}

    /** @param renewed when the lease began, of {@link System#nanoTime} */
    boolean toRenew(long renewed) {
        return System.nanoTime() - renewed > lease.toNanos() / 3;
    }

    Own create(Domains.Domain domain) {
        var key = Uuid7.next();
        var backend = backends.writing();
        long id = database.alone(c -> insert(c, key, domain.id(), backend));
        return new Own(id, new PackKey(domain.code(), key), backend);
    }

    private long insert(Connection c, UUID key, long domainId, Backend backend) throws SQLException {
        try (var insert = c.prepareStatement("""
                INSERT INTO pack (key, domain_id, backend, lease_until)
                VALUES (?, ?, ?, now() + make_interval(secs => ?)) RETURNING id""")) {
            insert.setObject(1, key);
            insert.setLong(2, domainId);
            insert.setInt(3, backend.number());
            insert.setDouble(4, Database.seconds(lease));
            try (var row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    Backend.Writer begin(Own pack) throws IOException {
        return pack.backend().begin(pack.key());
    }

    void renew(List<Own> packs) {
        int renewed = database.alone(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET lease_until = now() + make_interval(secs => ?)
                    WHERE id = ANY (?) AND state = 'W'""")) {
                update.setDouble(1, Database.seconds(lease));
                update.setArray(2, ids(c, packs.stream().map(Own::id).toList()));
                return update.executeUpdate();
            }
        });
        if (renewed != packs.size()) {
            throw leaseLost();
        }
    }

    /** W becomes L, in the transaction that brings the reference. */
    void live(Connection c, Written pack) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET state = 'L', lease_until = NULL, bytes = ?, raw_bytes = ?, chunks = ?, crc32c = ?
                WHERE id = ? AND state = 'W'""")) {
            update.setLong(1, pack.bytes());
            update.setLong(2, pack.rawBytes());
            update.setInt(3, pack.chunks());
            update.setInt(4, pack.crc32c());
            update.setLong(5, pack.pack().id());
            if (update.executeUpdate() != 1) {
                throw leaseLost();
            }
        }
    }

    /**
     * Gives up a pack that never was live: nobody can be reading it, so there is no grace to wait for. A row that a
     * transaction holds at this moment, or that has become live, is left alone. Where a write that failed may be carried out
     * after this, the row stays that long, and leads the sweep to the bytes once more.
     */
    void discard(Own pack) {
        var delay = pack.backend().longestDelay();
        if (database.alone(c -> condemn(c, pack.id(), delay)) == 0) {
            return;
        }
        try {
            pack.backend().delete(pack.key());
        } catch (IOException e) {
            Log.warnf(e, "discarded pack %s stays until the sweep", pack.key().id());
            return;
        }
        if (delay.isZero()) {
            database.alone(c -> forget(c, List.of(pack.id())));
        }
    }

    private static int condemn(Connection c, long id, Duration delay) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(),
                  next_try = now() + make_interval(secs => ?)
                WHERE id = (SELECT id FROM pack WHERE id = ? AND state = 'W' FOR UPDATE SKIP LOCKED)""")) {
            update.setDouble(1, Database.seconds(delay));
            update.setLong(2, id);
            return update.executeUpdate();
        }
    }

    /** Removes the row of a pack whose bytes another row is to name, in the transaction that has it do so. */
    static void giveUp(Connection c, Own pack) throws SQLException {
        try (var delete = c.prepareStatement("DELETE FROM pack WHERE id = ? AND state = 'W'")) {
            delete.setLong(1, pack.id());
            if (delete.executeUpdate() != 1) {
                throw leaseLost();
            }
        }
    }

    /** Removes the rows of packs whose bytes are gone. */
    static int forget(Connection c, List<Long> gone) throws SQLException {
        try (var delete = c.prepareStatement("DELETE FROM pack WHERE id = ANY (?) AND state = 'C'")) {
            delete.setArray(1, ids(c, gone));
            return delete.executeUpdate();
        }
    }

    static java.sql.Array ids(Connection c, List<Long> ids) throws SQLException {
        return c.createArrayOf("bigint", ids.toArray());
    }

    private static RuntimeException leaseLost() {
        return new Problem.Unavailable("The upload paused for too long and was given up. Send it again.", 1)
                .asException();
    }
}
