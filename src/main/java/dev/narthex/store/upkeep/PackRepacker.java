package dev.narthex.store.upkeep;

import dev.narthex.db.StoreDatabase;
import dev.narthex.http.Content;
import dev.narthex.store.ChunkIndex;
import dev.narthex.store.DedupDomains;
import dev.narthex.store.FrameCompressor;
import dev.narthex.store.PackLeases;
import dev.narthex.store.PackWriter;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.FrameRuns;
import dev.narthex.store.pack.PackContent;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.Recipe;
import dev.narthex.store.pack.StoreConfig;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Step C of the collection: if less than half of a large pack is still referenced, copies the referenced frames unchanged to a
 * new pack and condemns the old one. The served bytes do not change, so encodings stay valid and running downloads may continue
 * from either pack. A pack that is a whole NAR is never copied, because all of it is referenced.
 *
 * <p>The copy is made first, without locks. Then the NARs and the pack are locked, in the order used everywhere. If the
 * references to the pack have changed since it was copied, the copy is discarded. An upload that wants to refer to the old pack
 * waits for the lock and finds the pack condemned.
 */
@ApplicationScoped
public class PackRepacker {
    private static final long MIN_PACK_BYTES = 4L << 20;
    private static final int MAX_PACKS = 100;
    private static final int MAX_ATTEMPTS = 3;

    private static final String SELECT_CANDIDATES = """
            SELECT p.id, p.domain_id, d.code, p.key, p.copy, p.backend, p.bytes FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
            WHERE p.state = 'L'
              AND EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id)
              AND NOT EXISTS (SELECT 1 FROM pack_ref r JOIN nar n ON n.id = r.nar_id WHERE r.pack_id = p.id AND n.kind <> 2)
              AND\s""";

    private static final String SELECT_USERS = """
            SELECT n.id, n.extents FROM pack_ref r JOIN nar n ON n.id = r.nar_id WHERE r.pack_id = ? ORDER BY n.id""";

    private final StoreDatabase database;
    private final PackLeases packs;
    private final DedupDomains domains;
    private final ConfiguredBackends backends;
    private final ChunkIndex chunkIndex;
    private final StoreConfig config;

    public PackRepacker(
            StoreDatabase database,
            PackLeases packs,
            DedupDomains domains,
            ConfiguredBackends backends,
            ChunkIndex chunkIndex,
            StoreConfig config) {
        this.database = database;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.chunkIndex = chunkIndex;
        this.config = config;
    }

    private record OldPack(long id, long domainId, PackKey key, int backend, long bytes) {}

    /** The recipes of the NARs that use a pack, by NAR id. */
    private record PackUsers(Map<Long, Recipe<Long>> recipes) {
        /** Returns the runs that refer to this pack. */
        List<Recipe.Run> runs(long packId) {
            return recipes.values().stream()
                    .flatMap(recipe ->
                            recipe.runs().stream().filter(run -> recipe.packs().get(run.slot()) == packId))
                    .toList();
        }
    }

    /**
     * Checks all candidates and copies at most 100 packs.
     *
     * @return the number of packs that were copied
     */
    public int run() {
        int copied = 0;
        long afterId = 0;
        for (var batch = listCandidates(afterId);
                !batch.isEmpty() && copied < MAX_PACKS;
                batch = listCandidates(afterId)) {
            for (var pack : batch) {
                copied += copied < MAX_PACKS && repack(pack, pack.bytes / 2) ? 1 : 0;
            }
            afterId = batch.getLast().id;
        }
        return copied;
    }

    /**
     * Copies the referenced frames out of these packs, regardless of how many they are and of the age of the packs, so that the
     * rest can be deleted.
     *
     * @return whether no NAR refers to these packs any more, except NARs that are one whole pack
     */
    public boolean evacuate(Collection<Long> packIds) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            var remaining = listByIds(List.copyOf(packIds));
            if (remaining.isEmpty()) {
                return true;
            }
            remaining.forEach(pack -> repack(pack, pack.bytes));
        }
        return listByIds(List.copyOf(packIds)).isEmpty();
    }

    private List<OldPack> listCandidates(long after) {
        return database.inNewTransaction(c -> {
            try (var select = c.prepareStatement(SELECT_CANDIDATES
                    + "p.bytes > ? AND p.created_at < now() - interval '7 days' AND p.id > ? ORDER BY p.id LIMIT ?")) {
                select.setLong(1, MIN_PACK_BYTES);
                select.setLong(2, after);
                select.setInt(3, MAX_PACKS);
                return queryOldPacks(select);
            }
        });
    }

    private List<OldPack> listByIds(List<Long> ids) {
        return database.inNewTransaction(c -> {
            try (var select = c.prepareStatement(SELECT_CANDIDATES + "p.id = ANY (?) ORDER BY p.id")) {
                select.setArray(1, PackLeases.toSqlArray(c, ids));
                return queryOldPacks(select);
            }
        });
    }

    private static List<OldPack> queryOldPacks(PreparedStatement select) throws SQLException {
        var oldPacks = new ArrayList<OldPack>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                oldPacks.add(new OldPack(
                        rows.getLong("id"),
                        rows.getLong("domain_id"),
                        PackKey.of(rows),
                        rows.getInt("backend"),
                        rows.getLong("bytes")));
            }
        }
        return oldPacks;
    }

    /** @param maxBytes the pack is copied only if fewer of its bytes are referenced */
    private boolean repack(OldPack oldPack, long maxBytes) {
        try {
            var users = database.inNewTransaction(c -> users(c, oldPack.id));
            var referenced = FrameRuns.merge(users.runs(oldPack.id));
            if (referenced.bytes() >= maxBytes || users.recipes.isEmpty()) {
                return false;
            }
            return copyAndSwitch(oldPack, users, referenced);
        } catch (IOException e) {
            Log.warnf(e, "cannot copy pack %s", oldPack.key.path());
            return false;
        }
    }

    private static PackUsers users(Connection c, long packId) throws SQLException {
        try (var select = c.prepareStatement(SELECT_USERS)) {
            select.setLong(1, packId);
            var recipes = new HashMap<Long, Recipe<Long>>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    recipes.put(rows.getLong(1), Recipe.decode(rows.getBytes(2), Recipe.PackReferenceCodec.IDS));
                }
            }
            return new PackUsers(recipes);
        } catch (DamagedException e) {
            throw new IllegalStateException("a recipe that uses pack " + packId, e);
        }
    }

    private boolean copyAndSwitch(OldPack oldPack, PackUsers users, FrameRuns referenced) throws IOException {
        var content = new PackContent(backends.getByNumber(oldPack.backend), oldPack.key, oldPack.bytes);
        try (var writer = new PackWriter(packs, domains.get(oldPack.domainId))) {
            boolean switched = false;
            try {
                var relocation = copy(content, referenced, writer);
                var pack = writer.finish(PackFooter.ofPart(writer.chunkTable()));
                switched = database.inNewTransaction(c -> switchReferences(c, oldPack, users, relocation, pack));
                if (switched) {
                    chunkIndex.addHints(oldPack.domainId, List.of(pack));
                }
            } finally {
                if (!switched) {
                    writer.findPack().ifPresent(packs::discard);
                }
            }
            if (switched) {
                Log.infof("repacked %s, %d of %d bytes", oldPack.key.path(), referenced.bytes(), oldPack.bytes);
            }
            return switched;
        }
    }

    /** Copies frame by frame; a frame is at most one chunk, so memory use is small. */
    private FrameRuns.FrameRelocation copy(Content content, FrameRuns referenced, PackWriter writer)
            throws IOException {
        var footer = PackFooter.read(content);
        var relocation = new FrameRuns.FrameRelocation();
        for (var run : referenced.runs()) {
            relocation.put(run.first(), writer.chunkCount(), run.offset(), writer.length());
            try (var in = content.open(run.offset(), run.length())) {
                for (int ordinal = run.first(); ordinal < run.first() + run.count(); ordinal++) {
                    var chunk = footer.chunk(ordinal);
                    var frame = in.readNBytes(chunk.compressedLength());
                    var id = HexFormat.of().parseHex(chunk.sha256());
                    writer.addFrame(new FrameCompressor.Frame(id, chunk.rawLength(), frame));
                }
            }
            if (writer.findPack().isPresent()) {
                packs.renew(writer.findPack().stream().toList());
            }
        }
        return relocation;
    }

    private boolean switchReferences(
            Connection c,
            OldPack oldPack,
            PackUsers users,
            FrameRuns.FrameRelocation relocation,
            PackLeases.WrittenPack pack)
            throws SQLException {
        var ids = users.recipes.keySet().stream().sorted().toList();
        try (var lock = c.prepareStatement("SELECT id FROM nar WHERE id = ANY (?) ORDER BY id FOR UPDATE")) {
            lock.setArray(1, PackLeases.toSqlArray(c, ids));
            lock.executeQuery().close();
        }
        try (var lock = c.prepareStatement("SELECT id FROM pack WHERE id = ? AND state = 'L' FOR UPDATE")) {
            lock.setLong(1, oldPack.id);
            try (var row = lock.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
            }
        }
        if (!users(c, oldPack.id).equals(users)) {
            return false;
        }
        packs.markLive(c, pack);
        long newPackId = pack.pack().id();
        for (var nar : users.recipes.entrySet()) {
            updateRecipe(c, nar.getKey(), relocation.apply(nar.getValue(), oldPack.id, newPackId));
        }
        moveReferences(c, oldPack.id, newPackId, ids);
        return condemn(c, oldPack.id);
    }

    private static void updateRecipe(Connection c, long narId, Recipe<Long> recipe) throws SQLException {
        try (var update = c.prepareStatement("UPDATE nar SET extents = ? WHERE id = ?")) {
            update.setBytes(1, recipe.encode(Recipe.PackReferenceCodec.IDS));
            update.setLong(2, narId);
            update.executeUpdate();
        }
    }

    private static void moveReferences(Connection c, long oldPackId, long newPackId, List<Long> narIds)
            throws SQLException {
        try (var insert = c.prepareStatement("INSERT INTO pack_ref (pack_id, nar_id) SELECT ?, unnest(?)")) {
            insert.setLong(1, newPackId);
            insert.setArray(2, PackLeases.toSqlArray(c, narIds));
            insert.executeUpdate();
        }
        try (var delete = c.prepareStatement("DELETE FROM pack_ref WHERE pack_id = ?")) {
            delete.setLong(1, oldPackId);
            delete.executeUpdate();
        }
    }

    /** Must run as a later statement, after the references were read. */
    private boolean condemn(Connection c, long packId) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET state = 'C', condemned_at = now(), next_try = now() + make_interval(secs => ?)
                WHERE id = ? AND state = 'L'""")) {
            update.setDouble(1, StoreDatabase.toSeconds(config.grace()));
            update.setLong(2, packId);
            return update.executeUpdate() == 1;
        }
    }
}
