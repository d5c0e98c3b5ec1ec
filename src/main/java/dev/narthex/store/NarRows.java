package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The tables nar and pack_ref. */
@ApplicationScoped
class NarRows {
    private static final String FACTS =
            "SELECT id, domain_id, nar_hash, nar_size, file_size, file_hash, encoding, kind FROM nar_facts WHERE ";

    private final Database database;
    private final Packs packs;

    NarRows(Database database, Packs packs) {
        this.database = database;
        this.packs = packs;
    }

    /** @param listing JSON in zstd */
    record Facts(long domainId, NixHash narHash, long narSize, byte[] listing) {}

    /** How a NAR's frames are found: its row, or its packs by recipe. Absent columns are empty. */
    record Frames(byte[] inline, byte[] extents, byte[] chunkLens) {}

    /** A pack to read. */
    record Stored(PackKey key, int backend, long bytes) {}

    Optional<Nar> find(long id) {
        return database.joined(c -> {
            try (var select = c.prepareStatement(FACTS + "id = ?")) {
                select.setLong(1, id);
                return one(select, NarRows::nar);
            }
        });
    }

    Optional<Nar> find(long domainId, NixHash narHash) {
        return database.joined(c -> {
            try (var select = c.prepareStatement(FACTS + "domain_id = ? AND nar_hash = ?")) {
                select.setLong(1, domainId);
                select.setBytes(2, narHash.bytes());
                return one(select, NarRows::nar);
            }
        });
    }

    /**
     * If a path of this cache has it, or it was sent to this cache for a path to come: for everyone else it is not there.
     *
     * <p>Each look is for the first index entry at or behind (NAR, cache), which is compared afterwards. Of an equality, with
     * EXISTS or LIMIT 1, the planner makes a scan of all rows where many have the same NAR: it expects to find one at once, and
     * reads a million if this cache has none.
     */
    Optional<Nar> held(long domainId, NixHash narHash, long cacheId) {
        return database.joined(c -> {
            try (var select = c.prepareStatement(FACTS + """
                    domain_id = ? AND nar_hash = ? AND coalesce(
                      (SELECT p.nar_id = nar_facts.id AND p.cache_id = ? FROM path p
                        WHERE (p.nar_id, p.cache_id) >= (nar_facts.id, ?) ORDER BY p.nar_id, p.cache_id LIMIT 1)
                      OR (SELECT u.nar_id = nar_facts.id AND u.cache_id = ? FROM nar_upload u
                        WHERE (u.nar_id, u.cache_id) >= (nar_facts.id, ?) ORDER BY u.nar_id, u.cache_id LIMIT 1), false)""")) {
                select.setLong(1, domainId);
                select.setBytes(2, narHash.bytes());
                for (int place = 3; place <= 6; place++) {
                    select.setLong(place, cacheId);
                }
                return one(select, NarRows::nar);
            }
        });
    }

    Optional<byte[]> listing(long id) {
        return database.joined(c -> {
            try (var select = c.prepareStatement("SELECT listing FROM nar WHERE id = ? AND state = 'L'")) {
                select.setLong(1, id);
                return one(select, row -> row.getBytes(1));
            }
        });
    }

    /** Empty if the NAR is gone, or was stored anew under another encoding. */
    Optional<Frames> frames(Nar nar) {
        return database.joined(c -> {
            try (var select = c.prepareStatement(
                    "SELECT inline, extents, chunk_lens FROM nar WHERE id = ? AND encoding = ? AND state = 'L'")) {
                select.setLong(1, nar.id());
                select.setObject(2, nar.encoding());
                return one(select, row -> new Frames(bytes(row, 1), bytes(row, 2), bytes(row, 3)));
            }
        });
    }

    /** The pack that is this NAR, of kind 1; empty if {@link #frames} are, or if the pack is gone. */
    Optional<Stored> pack(Nar nar) {
        return database.joined(c -> {
            try (var select = c.prepareStatement("""
                    SELECT d.code, p.key, p.copy, p.backend, p.bytes
                    FROM nar n JOIN pack_ref r ON r.nar_id = n.id
                    JOIN pack p ON p.id = r.pack_id JOIN dedup_domain d ON d.id = p.domain_id
                    WHERE n.id = ? AND n.encoding = ? AND n.state = 'L' AND n.kind = 1""")) {
                select.setLong(1, nar.id());
                select.setObject(2, nar.encoding());
                return one(select, NarRows::stored);
            }
        });
    }

    /** In the order of the ids; packs that are gone are missing. */
    List<Stored> packs(List<Long> ids) {
        return database.joined(c -> {
            try (var select = c.prepareStatement("""
                    SELECT d.code, p.key, p.copy, p.backend, p.bytes
                    FROM unnest(?) WITH ORDINALITY wanted (id, place)
                    JOIN pack p USING (id) JOIN dedup_domain d ON d.id = p.domain_id ORDER BY place""")) {
                select.setArray(1, Packs.ids(c, ids));
                var found = new ArrayList<Stored>();
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(stored(rows));
                    }
                }
                return found;
            }
        });
    }

    /**
     * Queues a check of a NAR whose bytes a reader found damaged: the next step of the scrub, within a minute or so, reads its
     * packs, or its row, before all others. Until that check a second reader changes nothing, so readers cannot cause more
     * than one check at a time. If the database fails here, the reader still gets the answer that he would have got.
     */
    void doubt(Nar nar) {
        try {
            int queued = database.alone(c -> nar.kind() == 0 ? doubtRow(c, nar.id()) : doubtPacks(c, nar.id()));
            if (queued > 0) {
                Log.warnf("NAR %s is damaged; a check is queued", nar.narHash());
            }
        } catch (RuntimeException e) {
            Log.warnf(e, "NAR %s is damaged; its check could not be queued", nar.narHash());
        }
    }

    private static int doubtPacks(Connection c, long narId) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET verified_at = '-infinity', check_after = NULL
                WHERE state = 'L' AND verified_at > '-infinity'
                  AND id IN (SELECT pack_id FROM pack_ref WHERE nar_id = ?)""")) {
            update.setLong(1, narId);
            return update.executeUpdate();
        }
    }

    /** The round over NARs in rows continues at this one; rows behind it are checked once more, 500 a step. */
    private static int doubtRow(Connection c, long narId) throws SQLException {
        try (var update = c.prepareStatement(
                "UPDATE scrub SET inline_after = ? WHERE inline_after IS NULL OR inline_after >= ?")) {
            update.setLong(1, narId - 1);
            update.setLong(2, narId);
            return update.executeUpdate();
        }
    }

    /** When a NAR was found damaged; empty if it is whole or gone. */
    Optional<Instant> damagedAt(long id) {
        return database.joined(c -> {
            try (var select = c.prepareStatement("SELECT damaged_at FROM nar_damage WHERE id = ?")) {
                select.setLong(1, id);
                return one(select, row -> row.getObject(1, OffsetDateTime.class).toInstant());
            }
        });
    }

    /** Takes the lock that keeps a live NAR from being collected before the transaction ends. */
    Optional<Long> share(long domainId, NixHash narHash) {
        return database.joined(c -> {
            try (var select = c.prepareStatement(
                    "SELECT id FROM nar WHERE domain_id = ? AND nar_hash = ? AND state = 'L' FOR SHARE")) {
                select.setLong(1, domainId);
                select.setBytes(2, narHash.bytes());
                return one(select, row -> row.getLong(1));
            }
        });
    }

    boolean share(long id) {
        return database.joined(c -> {
            try (var select = c.prepareStatement("SELECT id FROM nar WHERE id = ? AND state = 'L' FOR SHARE")) {
                select.setLong(1, id);
                return one(select, row -> row.getLong(1)).isPresent();
            }
        });
    }

    /**
     * Enters a NAR with its packs, or mends the row of one whose bytes were lost. Empty if the same NAR is there and whole.
     */
    Optional<Long> insert(Facts facts, Packing.Packed packed) {
        return database.joined(c -> {
            var entered = upsert(c, facts, packed);
            if (entered.isPresent()) {
                requireLive(c, packed.shared());
                for (var pack : packed.packs()) {
                    packs.live(c, pack);
                }
                refer(c, entered.get(), packed.recipe().packs());
            }
            return entered.map(Entered::id);
        });
    }

    /** Packs of others, which may have gone since they were found: while somebody refers to them in a transaction they stay. */
    private static void requireLive(Connection c, List<Long> shared) throws SQLException {
        if (shared.isEmpty()) {
            return;
        }
        try (var lock =
                c.prepareStatement("SELECT id FROM pack WHERE id = ANY (?) AND state = 'L' ORDER BY id FOR SHARE")) {
            lock.setArray(1, Packs.ids(c, shared));
            int live = 0;
            try (var rows = lock.executeQuery()) {
                while (rows.next()) {
                    live++;
                }
            }
            if (live < shared.size()) {
                throw new Problem.Unavailable(
                                "Something that this NAR has in common with another was removed while it was sent."
                                        + " Send it once more.",
                                1)
                        .asException();
            }
        }
    }

    /** @param mended whether the row was there, and has references to the packs that it had */
    record Entered(long id, boolean mended) {}

    static Optional<Entered> upsert(Connection c, Facts facts, Packing.Packed packed) throws SQLException {
        try (var insert = c.prepareStatement("""
                INSERT INTO nar (domain_id, nar_hash, nar_size, listing,
                                 kind, encoding, file_size, file_hash, inline, extents, chunk_lens)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (domain_id, nar_hash) DO UPDATE SET
                    state = 'L', damaged_at = NULL, listing = EXCLUDED.listing, kind = EXCLUDED.kind, encoding = EXCLUDED.encoding,
                    file_size = EXCLUDED.file_size, file_hash = EXCLUDED.file_hash, inline = EXCLUDED.inline,
                    extents = EXCLUDED.extents, chunk_lens = EXCLUDED.chunk_lens, created_at = now()
                WHERE nar.state = 'B' RETURNING id, xmax <> 0""")) {
            boolean inRow = packed.inline().isPresent();
            insert.setLong(1, facts.domainId());
            insert.setBytes(2, facts.narHash().bytes());
            insert.setLong(3, facts.narSize());
            insert.setBytes(4, facts.listing());
            insert.setInt(5, packed.kind());
            insert.setObject(6, UUID.randomUUID());
            insert.setLong(7, packed.fileSize());
            insert.setBytes(8, packed.fileHash().orElse(null));
            insert.setBytes(9, packed.inline().orElse(null));
            insert.setBytes(10, inRow ? null : packed.recipe().encode(Recipe.Names.IDS));
            insert.setBytes(11, inRow ? null : packed.chunkLens());
            return one(insert, row -> new Entered(row.getLong(1), row.getBoolean(2)));
        }
    }

    /** A mended row loses its old packs here. */
    static void refer(Connection c, Entered nar, List<Long> packs) throws SQLException {
        if (nar.mended()) {
            try (var delete = c.prepareStatement("DELETE FROM pack_ref WHERE nar_id = ?")) {
                delete.setLong(1, nar.id());
                delete.executeUpdate();
            }
        }
        if (!packs.isEmpty()) {
            try (var insert = c.prepareStatement("INSERT INTO pack_ref (pack_id, nar_id) SELECT unnest(?), ?")) {
                insert.setArray(1, Packs.ids(c, packs));
                insert.setLong(2, nar.id());
                insert.executeUpdate();
            }
        }
    }

    /** Reads a row. */
    private interface Row<T> {
        @Nullable
        T of(ResultSet row) throws SQLException;
    }

    private static <T> Optional<T> one(PreparedStatement select, Row<T> as) throws SQLException {
        try (var row = select.executeQuery()) {
            return row.next() ? Optional.ofNullable(as.of(row)) : Optional.empty();
        }
    }

    private static byte[] bytes(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getBytes(column)).orElseGet(() -> new byte[0]);
    }

    private static Stored stored(ResultSet row) throws SQLException {
        return new Stored(PackKey.of(row), row.getInt("backend"), row.getLong("bytes"));
    }

    private static Nar nar(ResultSet row) throws SQLException {
        return new Nar(
                row.getLong(1),
                row.getLong(2),
                NixHash.of(HashAlgorithm.SHA256, row.getBytes(3)),
                row.getLong(4),
                row.getLong(5),
                Optional.ofNullable(row.getBytes(6)).map(b -> NixHash.of(HashAlgorithm.SHA256, b)),
                row.getObject(7, UUID.class),
                row.getInt(8));
    }
}
