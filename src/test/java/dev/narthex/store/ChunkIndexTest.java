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

/** NARs that have chunks in common with others of their domain. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ChunkIndexTest {
    private static final int SIZE = 9_000_000;

    @Inject
    NarStore nars;

    @Inject
    PackRepacker repack;

    @Inject
    StoreSweeper sweep;

    @Inject
    StoreFixture tables;

    private long domain;
    private byte[] first;
    private byte[] second;

    /** Two versions: one file goes, one comes, and one has a few other bytes. */
    @BeforeEach
    void twoVersions() throws IOException {
        domain = tables.newDomain();
        var files = new TreeMap<>(Map.of(
                "bin", NarFixture.noise(1, SIZE),
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

    private void comesBack(byte[] nar, long id) throws IOException {
        var found = nars.find(id).orElseThrow();
        try (var in = nars.uncompressedContent(found).open()) {
            assertArrayEquals(nar, in.readAllBytes());
        }
        var file = nars.compressedContent(found);
        assertEquals(found.fileSize(), file.length());
        try (var in = new ZstdInputStreamNoFinalizer(file.open())) {
            assertArrayEquals(nar, in.readAllBytes());
        }
        var random = new Random(id);
        for (int i = 0; i < 20; i++) {
            int from = random.nextInt(nar.length);
            int count = random.nextInt(Math.min(nar.length - from, 3_000_000));
            try (var in = nars.uncompressedContent(found).open(from, count)) {
                assertArrayEquals(Arrays.copyOfRange(nar, from, from + count), in.readAllBytes());
            }
        }
    }

    private long bytes() {
        return tables.number("SELECT sum(bytes) FROM pack WHERE state = 'L' AND domain_id = " + domain);
    }

    private int kind(long id) {
        return nars.find(id).orElseThrow().kind();
    }

    private long pack(long nar) {
        return tables.number("SELECT max(pack_id) FROM pack_ref WHERE nar_id = " + nar);
    }

    @Test
    void onlyNewChunksOfAnotherVersionAreStored() throws IOException {
        long one = push(first);
        long before = bytes();
        long two = push(second);
        assertEquals(1, kind(one));
        assertEquals(2, kind(two));
        long more = bytes() - before;
        assertTrue(more > 600_000 && more < 2_500_000, more + " bytes more");
        comesBack(first, one);
        comesBack(second, two);
        assertEquals(two, push(second));
        assertEquals(before + more, bytes());
    }

    @Test
    void footerListsAllChunks() throws IOException {
        push(first);
        long two = push(second);
        var key = tables.column("SELECT key FROM pack WHERE id = " + pack(two)).getFirst();
        var code = tables.domain(domain).code();
        var reading = new PackReader((of, id) -> new PackReader.PackLocation(new PackKey(of, id), tables.writing()));
        var read = reading.read(code, UUID.fromString(key));
        assertEquals(
                NixHash.sha256(second).hex(),
                HexFormat.of().formatHex(read.footer().narHash()));
        assertFalse(read.wholePack());
        assertEquals(2, read.parts().size());
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
        long before = bytes();
        var part = NarFixture.tree(Map.of("bin", NarFixture.noise(1, SIZE)));
        long id = push(part);
        assertEquals(2, kind(id));
        assertTrue(bytes() - before < 400_000, "its first and last chunk");
        comesBack(part, id);
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
        comesBack(second, id);
    }

    @Test
    void unreadablePackIsNotShared() throws IOException {
        push(first);
        var pack = file();
        var bytes = Files.readAllBytes(pack);
        bytes[bytes.length - 1] ^= 1;
        Files.write(pack, bytes);
        long id = push(second);
        assertEquals(1, kind(id));
        comesBack(second, id);
    }

    private Path file() {
        var key = tables.column("SELECT key FROM pack WHERE domain_id = " + domain)
                .getFirst();
        var at = new PackKey(tables.domain(domain).code(), UUID.fromString(key));
        return tables.writing().file(at).orElseThrow();
    }

    @Test
    void concurrentlyCollectedChunksAreStoredAgain() throws IOException {
        long one = push(first);
        try (var staged = stage(second)) {
            tables.run("DELETE FROM nar WHERE id = " + one);
            sweep.condemnPacks();
            var refused = assertThrows(
                    ProblemException.class,
                    () -> QuarkusTransaction.requiringNew().call(staged::link));
            assertInstanceOf(Problem.Unavailable.class, refused.problem());
        }
        assertEquals(0, tables.number("SELECT count(*) FROM nar WHERE domain_id = " + domain));
        long again = push(second);
        assertEquals(1, kind(again), "nothing is there to share");
        comesBack(second, again);
    }

    @Test
    void sharedChunksAreKeptAndRepacked() throws IOException {
        long one = push(first);
        long two = push(second);
        tables.run("DELETE FROM nar WHERE id = " + one);
        sweep.condemnPacks();
        comesBack(second, two);
        var three = NarFixture.tree(Map.of("doc", NarFixture.text(2, 6_000_000)));
        long small = push(three);
        tables.run("DELETE FROM nar WHERE id = " + two);
        sweep.condemnPacks();
        comesBack(three, small);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE domain_id = " + domain);
        assertEquals(1, repack.run());
        comesBack(three, small);
        var fourth = NarFixture.tree(Map.of("doc", NarFixture.text(2, 6_000_000), "z", new byte[1]));
        assertEquals(2, kind(push(fourth)), "the copy is found by its chunks");
    }

    @Test
    void purgedSecretIsRemovedFromASharedPack() throws IOException {
        var secret = NarFixture.noise(9, 600_000);
        var with = NarFixture.tree(Map.of("bin", NarFixture.noise(1, SIZE), "secret", secret));
        var without = NarFixture.tree(Map.of("bin", NarFixture.noise(1, SIZE)));
        long one = push(with);
        long two = push(without);
        assertEquals(2, kind(two));
        var all = chunks();
        var packs = sweep.packIdsOf(List.of(one));
        assertTrue(sweep.purge(List.of(one), packs));
        assertTrue(repack.evacuate(packs));
        sweep.purge(List.of(), packs);
        comesBack(without, two);
        assertEquals(0, tables.number("SELECT count(*) FROM pack WHERE state <> 'L' AND domain_id = " + domain));
        var gone = new HashSet<>(all);
        gone.removeAll(chunks());
        assertTrue(gone.size() >= 3, gone.size() + " chunks of the secret");
        assertEquals(tables.files(domain), tables.footers(domain).size());
        assertTrue(bytes() < SIZE + 1_000_000, bytes() + " bytes");
    }

    private Set<String> chunks() throws IOException {
        return tables.footers(domain).stream()
                .flatMap(footer -> IntStream.range(0, footer.chunkCount()).mapToObj(footer::chunk))
                .map(PackFooter.ChunkEntry::sha256)
                .collect(Collectors.toSet());
    }

    @Test
    void damagedPackIsNotSharedAgain() throws IOException {
        long one = push(first);
        long two = push(second);
        tables.run(
                "UPDATE pack SET state = 'Q' WHERE id = (SELECT min(id) FROM pack WHERE domain_id = " + domain + ")");
        tables.run("UPDATE nar SET state = 'B' WHERE domain_id = " + domain);
        assertEquals(two, push(second));
        comesBack(second, two);
        assertEquals(one, push(first));
        comesBack(first, one);
        sweep.condemnPacks();
        assertEquals(0, tables.number("SELECT count(*) FROM pack WHERE state = 'Q' AND domain_id = " + domain));
    }
}
