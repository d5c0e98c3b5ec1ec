package dev.narthex.store.upkeep;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.db.SqlStatement;
import dev.narthex.store.pack.PackKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Selects what to check next and records the results. Rows that are locked by others are left for a later step. */
@ApplicationScoped
public class ScrubRows {
    private static final int MAX_SIZE_CHECKS = 500;
    private static final int MAX_INLINE_NARS = 500;
    private static final String CLAIM_PACK = """
            UPDATE pack p SET check_after = now() + make_interval(secs => :ttl) FROM dedup_domain d
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

    private final Database database;

    public ScrubRows(Database database) {
        this.database = database;
    }

    /**
     * A pack to be verified.
     *
     * @param startedAt start time by the clock of the database
     */
    record ClaimedPack(long id, PackKey key, int backend, long bytes, Optional<Integer> crc32c, Instant startedAt) {
        static ClaimedPack of(Row row) {
            return new ClaimedPack(
                    row.longValue("id"),
                    PackKey.of(row),
                    row.intValue("backend"),
                    row.longValue("bytes"),
                    row.optionalInt("crc32c"),
                    row.instant("begun"));
        }

        /** Binds the location that was read: the pack may have been moved in the meantime. */
        private SqlStatement bindLocation(SqlStatement statement) {
            return statement.bind("pack", id).bind("backend", backend).bind("copy", key.copy());
        }
    }

    /** Computes the daily share once a day, because the sum needs a scan of all packs. */
    void startDayIfDue(int days) {
        database.inNewTransaction(
                () -> database.statement("""
                        UPDATE scrub SET day = current_date, day_bytes = 0,
                          day_budget = (SELECT coalesce(sum(bytes), 0) / :days + 1 FROM pack WHERE state = 'L')
                        WHERE day < current_date""").bind("days", days).update());
    }

    /** @param ttl how long no other process may take the same pack */
    Optional<ClaimedPack> claimLive(Duration ttl) {
        return claim(LIVE_DUE, ttl);
    }

    Optional<ClaimedPack> claimDamaged(Duration ttl) {
        return claim(DAMAGED_DUE, ttl);
    }

    private Optional<ClaimedPack> claim(String condition, Duration ttl) {
        return database.inNewTransaction(() -> database.statement(CLAIM_PACK.formatted(condition))
                .bind("ttl", ttl)
                .first()
                .map(ClaimedPack::of));
    }

    /** Returns packs whose size was not checked for this many days, and marks them as checked. */
    List<ClaimedPack> claimSizeChecks(int days) {
        return database.inNewTransaction(() -> database.statement("""
                        UPDATE pack p SET seen_at = now() FROM dedup_domain d
                        WHERE d.id = p.domain_id AND p.id IN (
                          SELECT id FROM pack WHERE state = 'L' AND seen_at < now() - make_interval(days => :days)
                          ORDER BY seen_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
                        RETURNING p.id, d.code, p.key, p.copy, p.backend, p.bytes, p.crc32c, now() AS begun""")
                .bind("days", days)
                .bind("limit", MAX_SIZE_CHECKS)
                .list(ClaimedPack::of));
    }

    /** Returns the newest other packs in the same backend, to test whether the backend contains anything. */
    List<PackKey> listOtherPacks(ClaimedPack pack, int limit) {
        return database.inNewTransaction(() -> database.statement("""
                        SELECT d.code, p.key, p.copy FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                        WHERE p.state = 'L' AND p.backend = :backend AND p.id <> :pack ORDER BY p.id DESC LIMIT :limit""")
                .bind("backend", pack.backend)
                .bind("pack", pack.id)
                .bind("limit", limit)
                .list(PackKey::of));
    }

    /** Records that a pack is intact. If it was damaged, it becomes live again, and so do NARs whose packs are all live. */
    void markIntact(ClaimedPack pack) {
        database.inNewTransaction(() -> {
            int updated = pack.bindLocation(database.statement("""
                            UPDATE pack SET verified_at = :at, seen_at = now(), check_after = NULL, tries = 0, damage = NULL,
                              state = 'L'
                            WHERE id = :pack AND backend = :backend AND copy = :copy AND state IN ('L', 'Q')"""))
                    .bind("at", pack.startedAt)
                    .update();
            if (updated == 0) {
                return 0;
            }
            database.statement("""
                            UPDATE nar n SET state = 'L', damaged_at = NULL WHERE n.state = 'B'
                              AND n.id IN (SELECT nar_id FROM pack_ref WHERE pack_id = :pack)
                              AND NOT EXISTS (SELECT 1 FROM pack_ref r JOIN pack p ON p.id = r.pack_id
                                WHERE r.nar_id = n.id AND p.state <> 'L')""").bind("pack", pack.id).update();
            return addBytesRead(pack.bytes);
        });
    }

    /**
     * Closes a pack to new references, then marks its NARs as damaged. This order and two statements are required: the first
     * one waits for uploads that have locked the pack, and only a later statement sees the references that they added.
     *
     * @return the number of NARs that were marked as damaged
     */
    int markDamaged(ClaimedPack pack, String damage) {
        return database.inNewTransaction(() -> {
            int updated = pack.bindLocation(database.statement("""
                            UPDATE pack SET state = 'Q', verified_at = now(), check_after = NULL, damage = :damage
                            WHERE id = :pack AND backend = :backend AND copy = :copy AND state IN ('L', 'Q')"""))
                    .bind("damage", damage)
                    .update();
            if (updated == 0) {
                return 0;
            }
            addBytesRead(pack.bytes);
            return database.statement("""
                            UPDATE nar SET state = 'B', damaged_at = now() WHERE state = 'L'
                              AND id IN (SELECT nar_id FROM pack_ref WHERE pack_id = :pack)""").bind("pack", pack.id).update();
        });
    }

    private int addBytesRead(long bytes) {
        return database.statement("UPDATE scrub SET day_bytes = day_bytes + :bytes")
                .bind("bytes", bytes)
                .update();
    }

    /**
     * Postpones a pack that could not be read, longer after each failure.
     *
     * @return the number of failures so far
     */
    int postpone(ClaimedPack pack) {
        return database.inNewTransaction(() -> database.statement("""
                        UPDATE pack SET tries = tries + 1, check_after = now() + make_interval(mins => 10 * 2 ^ least(tries, 6)::int)
                        WHERE id = :pack RETURNING tries""")
                .bind("pack", pack.id)
                .first()
                .map(row -> row.intValue("tries"))
                .orElse(0));
    }

    /** Queues a pack to be read before all others. */
    void markSuspect(long packId) {
        database.inNewTransaction(
                () -> database.statement("""
                        UPDATE pack SET verified_at = '-infinity', check_after = NULL
                        WHERE id = :pack AND state = 'L' AND verified_at > '-infinity'""").bind("pack", packId).update());
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
        return database.inNewTransaction(() -> {
            startRoundIfDue(days);
            return findRoundPosition().map(afterId -> new InlineBatch(afterId, listInlineNars(afterId)));
        });
    }

    /**
     * Records the progress of the round unless another process was faster. An empty batch ends the round.
     *
     * @param damaged the damaged ones among {@code checked}
     * @return the number of NARs that were marked as damaged
     */
    int recordInlineProgress(InlineBatch batch, List<InlineNar> checked, List<InlineNar> damaged) {
        return database.inNewTransaction(() -> {
            int damagedNars = damaged.stream().mapToInt(this::markNarDamaged).sum();
            database.statement("UPDATE scrub SET inline_after = nullif(:last, 0) WHERE inline_after = :after")
                    .bind("last", checked.isEmpty() ? 0L : checked.getLast().id)
                    .bind("after", batch.afterId)
                    .update();
            return damagedNars;
        });
    }

    private void startRoundIfDue(int days) {
        database.statement("""
                        UPDATE scrub SET inline_after = 0, inline_begun = now() WHERE inline_after IS NULL
                          AND (inline_begun < now() - make_interval(days => :days) OR inline_begun < wanted_at)""").bind("days", days).update();
    }

    private Optional<Long> findRoundPosition() {
        return database.statement("SELECT inline_after FROM scrub WHERE inline_after IS NOT NULL")
                .first()
                .map(row -> row.longValue("inline_after"));
    }

    private List<InlineNar> listInlineNars(long afterId) {
        return database.statement("""
                        SELECT id, encoding, nar_hash, nar_size, inline FROM nar
                        WHERE kind = 0 AND state = 'L' AND id > :after ORDER BY id LIMIT :limit""")
                .bind("after", afterId)
                .bind("limit", MAX_INLINE_NARS)
                .list(row -> new InlineNar(
                        row.longValue("id"),
                        row.uuid("encoding"),
                        row.bytes("nar_hash"),
                        row.longValue("nar_size"),
                        row.bytes("inline")));
    }

    private int markNarDamaged(InlineNar nar) {
        return database.statement(
                        "UPDATE nar SET state = 'B', damaged_at = now() WHERE id = :nar AND state = 'L' AND encoding = :encoding")
                .bind("nar", nar.id)
                .bind("encoding", nar.encoding)
                .update();
    }

    void requestFullVerification() {
        database.statement("UPDATE scrub SET wanted_at = now()").update();
    }
}
