package dev.narthex.store.upkeep;

import dev.narthex.db.StoreDatabase;
import dev.narthex.store.pack.PackKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** Selects what to check next and records the results. Rows that are locked by others are left for a later step. */
@ApplicationScoped
public class ScrubRows {
    private static final int MAX_SIZE_CHECKS = 500;
    private static final int MAX_INLINE_NARS = 500;
    private static final String CLAIM_PACK = """
            UPDATE pack p SET check_after = now() + make_interval(secs => ?) FROM dedup_domain d
            WHERE d.id = p.domain_id AND p.id = (
              SELECT x.id FROM pack x, scrub s WHERE %s AND (x.check_after IS NULL OR x.check_after < now())
              ORDER BY x.verified_at LIMIT 1 FOR NO KEY UPDATE OF x SKIP LOCKED)
            RETURNING p.id, d.code, p.key, p.copy, p.backend, p.bytes, p.crc32c, now() AS begun""";

    /**
     * Packs that are suspected to be damaged, requested by an administrator, or part of the daily share. The daily share never
     * takes the same pack twice a day.
     */
    private static final String LIVE_DUE = """
            x.state = 'L' AND (x.verified_at = '-infinity' OR x.verified_at < s.wanted_at
              OR (s.day_bytes < s.day_budget AND x.verified_at < now() - interval '1 day'))""";

    /** Damaged packs may have been restored by hand; they are checked only when an administrator requests it. */
    private static final String DAMAGED_DUE = "x.state = 'Q' AND x.verified_at < s.wanted_at";

    private final StoreDatabase database;

    public ScrubRows(StoreDatabase database) {
        this.database = database;
    }

    /**
     * A pack to be verified.
     *
     * @param startedAt start time by the clock of the database
     */
    record ClaimedPack(long id, PackKey key, int backend, long bytes, OptionalInt crc32c, OffsetDateTime startedAt) {
        /** Identifies the location that was read: the pack may have been moved in the meantime. */
        private void setLocation(PreparedStatement statement, int index) throws SQLException {
            statement.setLong(index, id);
            statement.setInt(index + 1, backend);
            statement.setLong(index + 2, key.copy());
        }
    }

    /** Computes the daily share once a day, because the sum needs a scan of all packs. */
    void startDayIfDue(int days) {
        database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE scrub SET day = current_date, day_bytes = 0,
                      day_budget = (SELECT coalesce(sum(bytes), 0) / ? + 1 FROM pack WHERE state = 'L')
                    WHERE day < current_date""")) {
                update.setInt(1, days);
                return update.executeUpdate();
            }
        });
    }

    /** @param ttl how long no other process may take the same pack */
    Optional<ClaimedPack> claimLive(Duration ttl) {
        return claim(LIVE_DUE, ttl);
    }

    Optional<ClaimedPack> claimDamaged(Duration ttl) {
        return claim(DAMAGED_DUE, ttl);
    }

    private Optional<ClaimedPack> claim(String condition, Duration ttl) {
        return database.inNewTransaction(c -> {
            try (var update = c.prepareStatement(CLAIM_PACK.formatted(condition))) {
                update.setDouble(1, StoreDatabase.toSeconds(ttl));
                return queryClaims(update).stream().findFirst();
            }
        });
    }

    /** Returns packs whose size was not checked for this many days, and marks them as checked. */
    List<ClaimedPack> claimSizeChecks(int days) {
        return database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack p SET seen_at = now() FROM dedup_domain d
                    WHERE d.id = p.domain_id AND p.id IN (
                      SELECT id FROM pack WHERE state = 'L' AND seen_at < now() - make_interval(days => ?)
                      ORDER BY seen_at LIMIT ? FOR NO KEY UPDATE SKIP LOCKED)
                    RETURNING p.id, d.code, p.key, p.copy, p.backend, p.bytes, p.crc32c, now() AS begun""")) {
                update.setInt(1, days);
                update.setInt(2, MAX_SIZE_CHECKS);
                return queryClaims(update);
            }
        });
    }

    private static List<ClaimedPack> queryClaims(PreparedStatement statement) throws SQLException {
        var claimed = new ArrayList<ClaimedPack>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) {
                claimed.add(new ClaimedPack(
                        rows.getLong("id"),
                        PackKey.of(rows),
                        rows.getInt("backend"),
                        rows.getLong("bytes"),
                        checksum(rows),
                        rows.getObject("begun", OffsetDateTime.class)));
            }
        }
        return claimed;
    }

    private static OptionalInt checksum(ResultSet row) throws SQLException {
        int crc = row.getInt("crc32c");
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(crc);
    }

    /** Returns the newest other packs in the same backend, to test whether the backend contains anything. */
    List<PackKey> listOtherPacks(ClaimedPack pack, int limit) {
        return database.inNewTransaction(c -> {
            try (var select = c.prepareStatement("""
                    SELECT d.code, p.key, p.copy FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                    WHERE p.state = 'L' AND p.backend = ? AND p.id <> ? ORDER BY p.id DESC LIMIT ?""")) {
                select.setInt(1, pack.backend);
                select.setLong(2, pack.id);
                select.setInt(3, limit);
                var keys = new ArrayList<PackKey>();
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        keys.add(PackKey.of(rows));
                    }
                }
                return keys;
            }
        });
    }

    /** Records that a pack is intact. If it was damaged, it becomes live again, and so do NARs whose packs are all live. */
    void markIntact(ClaimedPack pack) {
        database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET verified_at = ?, seen_at = now(), check_after = NULL, tries = 0, damage = NULL,
                      state = 'L' WHERE id = ? AND backend = ? AND copy = ? AND state IN ('L', 'Q')""")) {
                update.setObject(1, pack.startedAt);
                pack.setLocation(update, 2);
                if (update.executeUpdate() == 0) {
                    return 0;
                }
            }
            try (var update = c.prepareStatement("""
                    UPDATE nar n SET state = 'L', damaged_at = NULL WHERE n.state = 'B'
                      AND n.id IN (SELECT nar_id FROM pack_ref WHERE pack_id = ?)
                      AND NOT EXISTS (SELECT 1 FROM pack_ref r JOIN pack p ON p.id = r.pack_id
                        WHERE r.nar_id = n.id AND p.state <> 'L')""")) {
                update.setLong(1, pack.id);
                update.executeUpdate();
            }
            return addBytesRead(c, pack.bytes);
        });
    }

    /**
     * Closes a pack to new references, then marks its NARs as damaged. This order and two statements are required: the first
     * one waits for uploads that have locked the pack, and only a later statement sees the references that they added.
     *
     * @return the number of NARs that were marked as damaged
     */
    int markDamaged(ClaimedPack pack, String damage) {
        return database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET state = 'Q', verified_at = now(), check_after = NULL, damage = ?
                    WHERE id = ? AND backend = ? AND copy = ? AND state IN ('L', 'Q')""")) {
                update.setString(1, damage);
                pack.setLocation(update, 2);
                if (update.executeUpdate() == 0) {
                    return 0;
                }
            }
            addBytesRead(c, pack.bytes);
            try (var update = c.prepareStatement("""
                    UPDATE nar SET state = 'B', damaged_at = now() WHERE state = 'L'
                      AND id IN (SELECT nar_id FROM pack_ref WHERE pack_id = ?)""")) {
                update.setLong(1, pack.id);
                return update.executeUpdate();
            }
        });
    }

    private static int addBytesRead(Connection c, long bytes) throws SQLException {
        try (var update = c.prepareStatement("UPDATE scrub SET day_bytes = day_bytes + ?")) {
            update.setLong(1, bytes);
            return update.executeUpdate();
        }
    }

    /**
     * Postpones a pack that could not be read, longer after each failure.
     *
     * @return the number of failures so far
     */
    int postpone(ClaimedPack pack) {
        return database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET tries = tries + 1, check_after = now() + make_interval(mins => 10 * 2 ^ least(tries, 6)::int)
                    WHERE id = ? RETURNING tries""")) {
                update.setLong(1, pack.id);
                try (var row = update.executeQuery()) {
                    return row.next() ? row.getInt(1) : 0;
                }
            }
        });
    }

    /** Queues a pack to be read before all others. */
    void markSuspect(long packId) {
        database.inNewTransaction(c -> {
            try (var update = c.prepareStatement("""
                    UPDATE pack SET verified_at = '-infinity', check_after = NULL
                    WHERE id = ? AND state = 'L' AND verified_at > '-infinity'""")) {
                update.setLong(1, packId);
                return update.executeUpdate();
            }
        });
    }

    /** A NAR that is stored inline in its row. */
    record InlineNar(long id, UUID encoding, byte[] narHash, long narSize, byte[] frames) {}

    /**
     * The next NARs of the current round.
     *
     * @param afterId id of the last NAR of the previous batch
     */
    record InlineBatch(long afterId, List<InlineNar> nars) {}

    /** Starts a round if one is due and returns its next batch; empty if no round is running. */
    Optional<InlineBatch> nextInlineBatch(int days) {
        return database.inNewTransaction(c -> {
            startRoundIfDue(c, days);
            var afterId = findRoundPosition(c);
            return afterId.isPresent()
                    ? Optional.of(new InlineBatch(afterId.get(), listInlineNars(c, afterId.get())))
                    : Optional.empty();
        });
    }

    /**
     * Records the progress of the round unless another process was faster. An empty batch ends the round.
     *
     * @param damaged the damaged ones among {@code checked}
     * @return the number of NARs that were marked as damaged
     */
    int recordInlineProgress(InlineBatch batch, List<InlineNar> checked, List<InlineNar> damaged) {
        return database.inNewTransaction(c -> {
            int damagedNars = 0;
            for (var nar : damaged) {
                damagedNars += markNarDamaged(c, nar);
            }
            try (var update = c.prepareStatement(
                    "UPDATE scrub SET inline_after = cast(nullif(?, 0) AS bigint) WHERE inline_after = ?")) {
                update.setLong(1, checked.isEmpty() ? 0 : checked.getLast().id);
                update.setLong(2, batch.afterId);
                update.executeUpdate();
            }
            return damagedNars;
        });
    }

    private static void startRoundIfDue(Connection c, int days) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE scrub SET inline_after = 0, inline_begun = now() WHERE inline_after IS NULL
                  AND (inline_begun < now() - make_interval(days => ?) OR inline_begun < wanted_at)""")) {
            update.setInt(1, days);
            update.executeUpdate();
        }
    }

    private static Optional<Long> findRoundPosition(Connection c) throws SQLException {
        try (var select = c.prepareStatement("SELECT inline_after FROM scrub WHERE inline_after IS NOT NULL");
                var row = select.executeQuery()) {
            return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
        }
    }

    private static List<InlineNar> listInlineNars(Connection c, long afterId) throws SQLException {
        try (var select = c.prepareStatement("""
                SELECT id, encoding, nar_hash, nar_size, inline FROM nar
                WHERE kind = 0 AND state = 'L' AND id > ? ORDER BY id LIMIT ?""")) {
            select.setLong(1, afterId);
            select.setInt(2, MAX_INLINE_NARS);
            var batch = new ArrayList<InlineNar>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    batch.add(new InlineNar(
                            rows.getLong(1),
                            rows.getObject(2, UUID.class),
                            rows.getBytes(3),
                            rows.getLong(4),
                            rows.getBytes(5)));
                }
            }
            return batch;
        }
    }

    private static int markNarDamaged(Connection c, InlineNar nar) throws SQLException {
        try (var update = c.prepareStatement(
                "UPDATE nar SET state = 'B', damaged_at = now() WHERE id = ? AND state = 'L' AND encoding = ?")) {
            update.setLong(1, nar.id);
            update.setObject(2, nar.encoding);
            return update.executeUpdate();
        }
    }

    void requestFullVerification() {
        database.inTransaction(c -> {
            try (var update = c.prepareStatement("UPDATE scrub SET wanted_at = now()")) {
                return update.executeUpdate();
            }
        });
    }
}
