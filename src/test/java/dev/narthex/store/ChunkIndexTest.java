package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.TestDatabase;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import dev.narthex.store.upkeep.PackReader;
import dev.narthex.store.upkeep.PackRepacker;
import dev.narthex.store.upkeep.StoreSweeper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests NARs that share chunks with other NARs of their domain. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ChunkIndexTest {
    private static final int BIN_SIZE = 9_000_000;

    @Inject
    NarStore nars;

    @Inject
    PackRepacker repacker;

    @Inject
    StoreSweeper sweeper;

    @Inject
    StoreFixture tables;

    private long domain;
    private byte[] first;
    private byte[] second;

    /** Creates two versions of a tree: one file is removed, one is added, and one has a few changed bytes. */
    @BeforeEach
    void createTwoVersions() throws IOException {
        domain = tables.newDomain();
        var files = new TreeMap<>(Map.of(
                "bin", NarFixture.noise(1, BIN_SIZE),
                "doc", NarFixture.text(2, 6_000_000),
                "old", NarFixture.noise(3, 700_000)));
        first = NarFixture.tree(files);
        var changed = files.get("bin").clone();
        Arrays.fill(changed, 4_000_000, 4_000_100, (byte) 7);
        files.put("bin", changed);
        files.remove("old");
        files.put("new", NarFixture.noise(4, 600_000));
        second = NarFixture.tree(files);
    }

    private long push(byte[] nar) throws IOException {
        try (var staged = stage(nar)) {
            return QuarkusTransaction.requiringNew().call(staged::link);
        }
    }

    private StagedNar stage(byte[] nar) throws IOException {
        return nars.stage(new ByteArrayInputStream(nar), domain);
    }

    private void assertReadable(byte[] nar, long id) throws IOException {
        var stored = nars.find(id).orElseThrow();
        try (var in = nars.uncompressedContent(stored).open()) {
            assertArrayEquals(nar, in.readAllBytes());
        }
        var compressed = nars.compressedContent(stored);
        assertEquals(stored.fileSize(), compressed.length());
        try (var in = new ZstdInputStreamNoFinalizer(compressed.open())) {
            assertArrayEquals(nar, in.readAllBytes());
        }
        var random = new Random(id);
        for (int i = 0; i < 20; i++) {
            int from = random.nextInt(nar.length);
            int count = random.nextInt(Math.min(nar.length - from, 3_000_000));
            try (var in = nars.uncompressedContent(stored).open(from, count)) {
                assertArrayEquals(Arrays.copyOfRange(nar, from, from + count), in.readAllBytes());
            }
        }
    }

    private long liveBytes() {
        return tables.queryNumber("SELECT sum(bytes) FROM pack WHERE state = 'L' AND domain_id = " + domain);
    }

    private int kind(long id) {
        return nars.find(id).orElseThrow().kind();
    }

    private long packOf(long nar) {
        return tables.queryNumber("SELECT max(pack_id) FROM pack_ref WHERE nar_id = " + nar);
    }

    @Test
    void onlyNewChunksOfAnotherVersionAreStored() throws IOException {
        long firstId = push(first);
        long before = liveBytes();
        long secondId = push(second);
        assertEquals(1, kind(firstId));
        assertEquals(2, kind(secondId));
        long addedBytes = liveBytes() - before;
        assertTrue(addedBytes > 600_000 && addedBytes < 2_500_000, addedBytes + " bytes were added");
        assertReadable(first, firstId);
        assertReadable(second, secondId);
        assertEquals(secondId, push(second));
        assertEquals(before + addedBytes, liveBytes());
    }

    @Test
    void footerListsAllChunks() throws IOException {
        push(first);
        long secondId = push(second);
        var key = tables.queryColumn("SELECT key FROM pack WHERE id = " + packOf(secondId))
                .getFirst();
        var code = tables.domain(domain).code();
        var reader = new PackReader(
                (domainCode, id) -> new PackReader.PackLocation(new PackKey(domainCode, id), tables.writeTarget()));
        var restored = reader.read(code, UUID.fromString(key));
        assertEquals(
                NixHash.sha256(second).hex(),
                HexFormat.of().formatHex(restored.footer().narHash()));
        assertFalse(restored.wholePack());
        assertEquals(2, restored.parts().size());
    }

    @Test
    void smallOverlapIsStoredAgain() throws IOException {
        push(NarFixture.tree(Map.of("a", NarFixture.noise(5, 600_000))));
        long id =
                push(NarFixture.tree(Map.of("a", NarFixture.noise(5, 600_000), "b", NarFixture.noise(6, 30_000_000))));
        assertEquals(1, kind(id));
    }

    @Test
    void smallNarIsStoredInItsRow() throws IOException {
        push(first);
        long id = push(NarFixture.flat(NarFixture.text(2, 20_000)));
        assertEquals(0, kind(id));
    }

    @Test
    void fullySharedNarStoresNoChunks() throws IOException {
        push(first);
        long before = liveBytes();
        var part = NarFixture.tree(Map.of("bin", NarFixture.noise(1, BIN_SIZE)));
        long id = push(part);
        assertEquals(2, kind(id));
        assertTrue(liveBytes() - before < 400_000, "only the first and last chunk are stored");
        assertReadable(part, id);
    }

    @Test
    void domainsShareNoChunks() throws IOException {
        push(first);
        domain = tables.newDomain();
        assertEquals(1, kind(push(second)));
    }

    @Test
    void missingHintsOnlyDuplicateChunks() throws IOException {
        push(first);
        tables.run("DELETE FROM chunk_hint WHERE domain_id = " + domain);
        long id = push(second);
        assertEquals(1, kind(id));
        assertReadable(second, id);
    }

    @Test
    void unreadablePackIsNotShared() throws IOException {
        push(first);
        var pack = packFile();
        var bytes = Files.readAllBytes(pack);
        bytes[bytes.length - 1] ^= 1;
        Files.write(pack, bytes);
        long id = push(second);
        assertEquals(1, kind(id));
        assertReadable(second, id);
    }

    private Path packFile() {
        var key = tables.queryColumn("SELECT key FROM pack WHERE domain_id = " + domain)
                .getFirst();
        var packKey = new PackKey(tables.domain(domain).code(), UUID.fromString(key));
        return tables.writeTarget().file(packKey).orElseThrow();
    }

    @Test
    void concurrentlyCollectedChunksAreStoredAgain() throws IOException {
        long firstId = push(first);
        try (var staged = stage(second)) {
            tables.run("DELETE FROM nar WHERE id = " + firstId);
            sweeper.condemnPacks();
            var error = assertThrows(
                    ProblemException.class,
                    () -> QuarkusTransaction.requiringNew().call(staged::link));
            assertInstanceOf(Problem.Unavailable.class, error.problem());
        }
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM nar WHERE domain_id = " + domain));
        long repeatedId = push(second);
        assertEquals(1, kind(repeatedId), "no chunks can be shared");
        assertReadable(second, repeatedId);
    }

    @Test
    void sharedChunksAreKeptAndRepacked() throws IOException {
        long firstId = push(first);
        long secondId = push(second);
        tables.run("DELETE FROM nar WHERE id = " + firstId);
        sweeper.condemnPacks();
        assertReadable(second, secondId);
        var docNar = NarFixture.tree(Map.of("doc", NarFixture.text(2, 6_000_000)));
        long small = push(docNar);
        tables.run("DELETE FROM nar WHERE id = " + secondId);
        sweeper.condemnPacks();
        assertReadable(docNar, small);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE domain_id = " + domain);
        assertEquals(1, repacker.run());
        assertReadable(docNar, small);
        var changedNar = NarFixture.tree(Map.of("doc", NarFixture.text(2, 6_000_000), "z", new byte[1]));
        assertEquals(2, kind(push(changedNar)), "the chunks of the copy are shared");
    }

    @Test
    void purgedSecretIsRemovedFromASharedPack() throws IOException {
        var secret = NarFixture.noise(9, 600_000);
        var withSecret = NarFixture.tree(Map.of("bin", NarFixture.noise(1, BIN_SIZE), "secret", secret));
        var withoutSecret = NarFixture.tree(Map.of("bin", NarFixture.noise(1, BIN_SIZE)));
        long firstId = push(withSecret);
        long secondId = push(withoutSecret);
        assertEquals(2, kind(secondId));
        var allChunks = chunks();
        var packs = sweeper.packIdsOf(List.of(firstId));
        assertTrue(sweeper.purge(List.of(firstId), packs));
        assertTrue(repacker.evacuate(packs));
        sweeper.purge(List.of(), packs);
        assertReadable(withoutSecret, secondId);
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM pack WHERE state <> 'L' AND domain_id = " + domain));
        var deletedChunks = new HashSet<>(allChunks);
        deletedChunks.removeAll(chunks());
        assertTrue(deletedChunks.size() >= 3, deletedChunks.size() + " chunks of the secret");
        assertEquals(tables.countFiles(domain), tables.readFooters(domain).size());
        assertTrue(liveBytes() < BIN_SIZE + 1_000_000, liveBytes() + " bytes");
    }

    private Set<String> chunks() throws IOException {
        return tables.readFooters(domain).stream()
                .flatMap(footer -> IntStream.range(0, footer.chunkCount()).mapToObj(footer::chunk))
                .map(PackFooter.ChunkEntry::sha256)
                .collect(Collectors.toSet());
    }

    @Test
    void damagedPackIsNotSharedAgain() throws IOException {
        long firstId = push(first);
        long secondId = push(second);
        tables.run(
                "UPDATE pack SET state = 'Q' WHERE id = (SELECT min(id) FROM pack WHERE domain_id = " + domain + ")");
        tables.run("UPDATE nar SET state = 'B' WHERE domain_id = " + domain);
        assertEquals(secondId, push(second));
        assertReadable(second, secondId);
        assertEquals(firstId, push(first));
        assertReadable(first, firstId);
        sweeper.condemnPacks();
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM pack WHERE state = 'Q' AND domain_id = " + domain));
    }
}
