package dev.narthex.store;

import dev.narthex.content.Content;
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
public class Repack {
    private static final long LEAST_BYTES = 4L << 20;
    private static final int MOST = 100;
    private static final int TRIES = 3;

    private static final String SHARED = """
            SELECT p.id, p.domain_id, d.code, p.key, p.copy, p.backend, p.bytes FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
            WHERE p.state = 'L'
              AND EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id)
              AND NOT EXISTS (SELECT 1 FROM pack_ref r JOIN nar n ON n.id = r.nar_id WHERE r.pack_id = p.id AND n.kind <> 2)
              AND\s""";

    private static final String USERS = """
            SELECT n.id, n.extents FROM pack_ref r JOIN nar n ON n.id = r.nar_id WHERE r.pack_id = ? ORDER BY n.id""";

    private final Database database;
    private final Packs packs;
    private final Domains domains;
    private final Backends backends;
    private final Sharing sharing;
    private final StoreConfig config;

    Repack(Database database, Packs packs, Domains domains, Backends backends, Sharing sharing, StoreConfig config) {
        this.database = database;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.sharing = sharing;
        this.config = config;
    }

    private record Old(long id, long domainId, PackKey key, int backend, long bytes) {}

    /** The recipes of the NARs that use a pack, by NAR id. */
    private record Users(Map<Long, Recipe<Long>> recipes) {
        /** Returns the runs that refer to this pack. */
        List<Recipe.Run> runs(long pack) {
            return recipes.values().stream()
                    .flatMap(recipe ->
                            recipe.runs().stream().filter(run -> recipe.packs().get(run.slot()) == pack))
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
        long after = 0;
        for (var some = candidates(after); !some.isEmpty() && copied < MOST; some = candidates(after)) {
            for (var pack : some) {
                copied += copied < MOST && repacked(pack, pack.bytes / 2) ? 1 : 0;
            }
            after = some.getLast().id;
        }
        return copied;
    }

    /**
     * Copies the referenced frames out of these packs, regardless of how many they are and of the age of the packs, so that the
     * rest can be deleted.
     *
     * @return whether no NAR refers to these packs any more, except NARs that are one whole pack
     */
    public boolean withdraw(Collection<Long> packIds) {
        for (int i = 0; i < TRIES; i++) {
            var left = named(List.copyOf(packIds));
            if (left.isEmpty()) {
                return true;
            }
            left.forEach(pack -> repacked(pack, pack.bytes));
        }
        return named(List.copyOf(packIds)).isEmpty();
    }

    private List<Old> candidates(long after) {
        return database.alone(c -> {
            try (var select = c.prepareStatement(SHARED
                    + "p.bytes > ? AND p.created_at < now() - interval '7 days' AND p.id > ? ORDER BY p.id LIMIT ?")) {
                select.setLong(1, LEAST_BYTES);
                select.setLong(2, after);
                select.setInt(3, MOST);
                return old(select);
            }
        });
    }

    private List<Old> named(List<Long> ids) {
        return database.alone(c -> {
            try (var select = c.prepareStatement(SHARED + "p.id = ANY (?) ORDER BY p.id")) {
                select.setArray(1, Packs.ids(c, ids));
                return old(select);
            }
        });
    }

    private static List<Old> old(PreparedStatement select) throws SQLException {
        var found = new ArrayList<Old>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(new Old(
                        rows.getLong("id"),
                        rows.getLong("domain_id"),
                        PackKey.of(rows),
                        rows.getInt("backend"),
                        rows.getLong("bytes")));
            }
        }
        return found;
    }

    /** @param most the pack is copied only if fewer of its bytes are referenced */
    private boolean repacked(Old old, long most) {
        try {
            var users = database.alone(c -> users(c, old.id));
            var wanted = Frames.wanted(users.runs(old.id));
            if (wanted.bytes() >= most || users.recipes.isEmpty()) {
                return false;
            }
            return copied(old, users, wanted);
        } catch (IOException e) {
            Log.warnf(e, "cannot copy pack %s", old.key.path());
            return false;
        }
    }

    private static Users users(Connection c, long pack) throws SQLException {
        try (var select = c.prepareStatement(USERS)) {
            select.setLong(1, pack);
            var recipes = new HashMap<Long, Recipe<Long>>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    recipes.put(rows.getLong(1), Recipe.decode(rows.getBytes(2), Recipe.Names.IDS));
                }
            }
            return new Users(recipes);
        } catch (DamagedException e) {
            throw new IllegalStateException("a recipe that uses pack " + pack, e);
        }
    }

    private boolean copied(Old old, Users users, Frames wanted) throws IOException {
        var content = new PackContent(backends.of(old.backend), old.key, old.bytes);
        try (var writer = new PackWriter(packs, domains.get(old.domainId))) {
            boolean done = false;
            try {
                var moved = copy(content, wanted, writer);
                var written = writer.finish(PackFooter.ofPart(writer.chunkTable()));
                done = database.alone(c -> switched(c, old, users, moved, written));
                if (done) {
                    sharing.learn(old.domainId, List.of(written));
                }
            } finally {
                if (!done) {
                    writer.row().ifPresent(packs::discard);
                }
            }
            if (done) {
                Log.infof("repacked %s, %d of %d bytes", old.key.path(), wanted.bytes(), old.bytes);
            }
            return done;
        }
    }

    /** Copies frame by frame; a frame is at most one chunk, so memory use is small. */
    private Frames.Moved copy(Content content, Frames wanted, PackWriter writer) throws IOException {
        var footer = PackFooter.read(content);
        var moved = new Frames.Moved();
        for (var part : wanted.parts()) {
            moved.put(part.first(), writer.chunkCount(), part.offset(), writer.length());
            try (var in = content.open(part.offset(), part.length())) {
                for (int i = part.first(); i < part.first() + part.count(); i++) {
                    var chunk = footer.chunk(i);
                    var frame = in.readNBytes(chunk.compressed());
                    var id = HexFormat.of().parseHex(chunk.sha256());
                    writer.add(new Press.Frame(id, chunk.raw(), frame));
                }
            }
            if (writer.row().isPresent()) {
                packs.renew(writer.row().stream().toList());
            }
        }
        return moved;
    }

    private boolean switched(Connection c, Old old, Users users, Frames.Moved moved, Packs.Written written)
            throws SQLException {
        var ids = users.recipes.keySet().stream().sorted().toList();
        try (var lock = c.prepareStatement("SELECT id FROM nar WHERE id = ANY (?) ORDER BY id FOR UPDATE")) {
            lock.setArray(1, Packs.ids(c, ids));
            lock.executeQuery().close();
        }
        try (var lock = c.prepareStatement("SELECT id FROM pack WHERE id = ? AND state = 'L' FOR UPDATE")) {
            lock.setLong(1, old.id);
            try (var row = lock.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
            }
        }
        if (!users(c, old.id).equals(users)) {
            return false;
        }
        packs.live(c, written);
        long fresh = written.pack().id();
        for (var nar : users.recipes.entrySet()) {
            rewrite(c, nar.getKey(), moved.applied(nar.getValue(), old.id, fresh));
        }
        refer(c, old.id, fresh, ids);
        return condemn(c, old.id);
    }

    private static void rewrite(Connection c, long nar, Recipe<Long> recipe) throws SQLException {
        try (var update = c.prepareStatement("UPDATE nar SET extents = ? WHERE id = ?")) {
            update.setBytes(1, recipe.encode(Recipe.Names.IDS));
            update.setLong(2, nar);
            update.executeUpdate();
        }
    }

    private static void refer(Connection c, long old, long fresh, List<Long> nars) throws SQLException {
        try (var insert = c.prepareStatement("INSERT INTO pack_ref (pack_id, nar_id) SELECT ?, unnest(?)")) {
            insert.setLong(1, fresh);
            insert.setArray(2, Packs.ids(c, nars));
            insert.executeUpdate();
        }
        try (var delete = c.prepareStatement("DELETE FROM pack_ref WHERE pack_id = ?")) {
            delete.setLong(1, old);
            delete.executeUpdate();
        }
    }

    /** Must run as a later statement, after the references were read. */
    private boolean condemn(Connection c, long pack) throws SQLException {
        try (var update = c.prepareStatement("""
                UPDATE pack SET state = 'C', condemned_at = now(), next_try = now() + make_interval(secs => ?)
                WHERE id = ? AND state = 'L'""")) {
            update.setDouble(1, Database.seconds(config.grace()));
            update.setLong(2, pack);
            return update.executeUpdate() == 1;
        }
    }
}
