package dev.narthex.store.upkeep;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
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
            SELECT n.id, n.extents FROM pack_ref r JOIN nar n ON n.id = r.nar_id WHERE r.pack_id = :pack ORDER BY n.id""";

    private final Database database;
    private final PackLeases packs;
    private final DedupDomains domains;
    private final ConfiguredBackends backends;
    private final ChunkIndex chunkIndex;
    private final StoreConfig config;

    public PackRepacker(
            Database database,
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

    private record OldPack(long id, long domainId, PackKey key, int backend, long bytes) {
        static OldPack of(Row row) {
            return new OldPack(
                    row.longValue("id"),
                    row.longValue("domain_id"),
                    PackKey.of(row),
                    row.intValue("backend"),
                    row.longValue("bytes"));
        }
    }

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
            var remaining = listByIds(packIds);
            if (remaining.isEmpty()) {
                return true;
            }
            remaining.forEach(pack -> repack(pack, pack.bytes));
        }
        return listByIds(packIds).isEmpty();
    }

    private List<OldPack> listCandidates(long after) {
        return database.statement(
                        SELECT_CANDIDATES
                                + "p.bytes > :bytes AND p.created_at < now() - interval '7 days' AND p.id > :after ORDER BY p.id LIMIT :limit")
                .bind("bytes", MIN_PACK_BYTES)
                .bind("after", after)
                .bind("limit", MAX_PACKS)
                .list(OldPack::of);
    }

    private List<OldPack> listByIds(Collection<Long> ids) {
        return database.statement(SELECT_CANDIDATES + "p.id = ANY (:packs) ORDER BY p.id")
                .bindIds("packs", ids)
                .list(OldPack::of);
    }

    /** @param maxBytes the pack is copied only if fewer of its bytes are referenced */
    private boolean repack(OldPack oldPack, long maxBytes) {
        try {
            var users = users(oldPack.id);
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

    private PackUsers users(long packId) {
        var recipes = new HashMap<Long, Recipe<Long>>();
        try {
            for (var row : database.statement(SELECT_USERS).bind("pack", packId).list()) {
                recipes.put(row.longValue("id"), Recipe.decode(row.bytes("extents"), Recipe.PackReferenceCodec.IDS));
            }
        } catch (DamagedException e) {
            throw new IllegalStateException("a recipe that uses pack " + packId, e);
        }
        return new PackUsers(recipes);
    }

    private boolean copyAndSwitch(OldPack oldPack, PackUsers users, FrameRuns referenced) throws IOException {
        var content = new PackContent(backends.getByNumber(oldPack.backend), oldPack.key, oldPack.bytes);
        try (var writer = new PackWriter(packs, domains.get(oldPack.domainId))) {
            boolean switched = false;
            try {
                var relocation = copy(content, referenced, writer);
                var pack = writer.finish(PackFooter.ofPart(writer.chunkTable()));
                switched = database.inNewTransaction(() -> switchReferences(oldPack, users, relocation, pack));
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
            OldPack oldPack, PackUsers users, FrameRuns.FrameRelocation relocation, PackLeases.WrittenPack pack) {
        var ids = users.recipes.keySet().stream().sorted().toList();
        database.statement("SELECT id FROM nar WHERE id = ANY (:nars) ORDER BY id FOR UPDATE")
                .bindIds("nars", ids)
                .list();
        var locked = database.statement("SELECT id FROM pack WHERE id = :pack AND state = 'L' FOR UPDATE")
                .bind("pack", oldPack.id)
                .list();
        if (locked.isEmpty() || !users(oldPack.id).equals(users)) {
            return false;
        }
        packs.markLive(pack);
        long newPackId = pack.pack().id();
        users.recipes.forEach((narId, recipe) -> updateRecipe(narId, relocation.apply(recipe, oldPack.id, newPackId)));
        moveReferences(oldPack.id, newPackId, ids);
        return condemn(oldPack.id);
    }

    private void updateRecipe(long narId, Recipe<Long> recipe) {
        database.statement("UPDATE nar SET extents = :extents WHERE id = :nar")
                .bind("extents", recipe.encode(Recipe.PackReferenceCodec.IDS))
                .bind("nar", narId)
                .update();
    }

    private void moveReferences(long oldPackId, long newPackId, List<Long> narIds) {
        database.statement("INSERT INTO pack_ref (pack_id, nar_id) SELECT :pack, unnest(:nars)")
                .bind("pack", newPackId)
                .bindIds("nars", narIds)
                .update();
        database.statement("DELETE FROM pack_ref WHERE pack_id = :pack")
                .bind("pack", oldPackId)
                .update();
    }

    /** Must run as a later statement, after the references were read. */
    private boolean condemn(long packId) {
        int condemned = database.statement("""
                        UPDATE pack SET state = 'C', condemned_at = now(), next_try = now() + make_interval(secs => :grace)
                        WHERE id = :pack AND state = 'L'""")
                .bind("grace", config.grace())
                .bind("pack", packId)
                .update();
        return condemned == 1;
    }
}
