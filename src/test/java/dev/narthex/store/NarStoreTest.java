package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.narthex.TestDatabase;
import dev.narthex.http.Content;
import dev.narthex.http.DirectBufferSource;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import dev.narthex.store.support.ZstdProgram;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NarStoreTest {
    @Inject
    NarStore nars;

    @Inject
    NarRows rows;

    @Inject
    StoreFixture tables;

    private long domain;

    @BeforeEach
    void createDomain() {
        domain = tables.newDomain();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "524287, 1", "524288, 1", "524289, 1"})
    void filesOfAnySizeSurviveARoundTrip(int size, int kind) throws Exception {
        assertRoundTrip(NarFixture.flat(NarFixture.noise(size, size)), kind);
    }

    @Test
    void manySmallFilesSurviveARoundTrip() throws Exception {
        var files = new TreeMap<String, byte[]>();
        for (int i = 0; i < 3000; i++) {
            files.put("file-%04d".formatted(i), NarFixture.text(i, i % 700));
        }
        assertRoundTrip(NarFixture.tree(files), 1);
    }

    @Test
    void mixedFilesSurviveARoundTrip() throws Exception {
        assertRoundTrip(
                NarFixture.tree(Map.of(
                        "a", NarFixture.text(1, 7_000_000),
                        "b", NarFixture.noise(2, 3_000_001),
                        "c", new byte[9_000_000],
                        "d", NarFixture.text(3, 1_000),
                        "e", NarFixture.text(4, 600_000))),
                1);
    }

    @Test
    void compressibleNarIsStoredInItsRow() throws Exception {
        assertRoundTrip(NarFixture.flat(new byte[20_000_000]), 0);
    }

    @Test
    void narOverThePackSizeHasSeveralPacks() throws Exception {
        nars = tables.narsWithPackSize(1 << 20);
        var nar = NarFixture.flat(NarFixture.noise(5, 5_500_000));
        assertRoundTrip(nar, 2);
        var footers = tables.readFooters(domain);
        assertTrue(footers.size() >= 6, footers.size() + " packs");
        assertTrue(footers.subList(0, footers.size() - 1).stream().allMatch(PackFooter::part));
        var last = footers.getLast();
        assertEquals(NixHash.sha256(nar).hex(), HexFormat.of().formatHex(last.narHash()));
        assertEquals(footers.size(), last.recipe().packs().size());
        assertEquals(
                nar.length, footers.stream().mapToLong(NarStoreTest::rawLength).sum());
    }

    @Test
    void footerDescribesThePack() throws Exception {
        var nar = NarFixture.flat(NarFixture.text(6, 2_000_000));
        push(nar);
        var footer = tables.readFooters(domain).getFirst();
        assertEquals(nar.length, footer.narSize());
        assertEquals(nar.length, rawLength(footer));
        var run = footer.recipe().runs().getFirst();
        assertEquals(footer.chunkCount(), run.count());
        int first = footer.chunk(0).rawLength();
        assertEquals(
                NixHash.sha256(Arrays.copyOf(nar, first)).hex(), footer.chunk(0).sha256());
    }

    private static long rawLength(PackFooter footer) {
        long sum = 0;
        for (int i = 0; i < footer.chunkCount(); i++) {
            sum += footer.chunk(i).rawLength();
        }
        return sum;
    }

    private void assertRoundTrip(byte[] bytes, int kind) throws Exception {
        long id = push(bytes);
        var nar = nars.find(id).orElseThrow();
        assertEquals(kind, nar.kind());
        assertEquals(bytes.length, nar.narSize());
        assertEquals(NixHash.sha256(bytes), nar.narHash());
        assertEquals(Optional.of(nar), rows.find(domain, nar.narHash()));
        var uncompressed = nars.uncompressedContent(nar);
        assertEquals(bytes.length, uncompressed.length());
        assertReads(bytes, uncompressed);
        var compressed = nars.compressedContent(nar);
        var compressedBytes = read(compressed, 0, compressed.length());
        assertEquals(nar.fileSize(), compressedBytes.length);
        nar.fileHash().ifPresent(hash -> assertEquals(NixHash.sha256(compressedBytes), hash));
        assertEquals(kind != 2, nar.fileHash().isPresent());
        assertReads(compressedBytes, compressed);
        assertArrayEquals(bytes, ZstdProgram.decompress(compressed.open()));
        assertEquals(kind == 1, compressed.file().isPresent());
        if (kind == 1) {
            assertArrayEquals(
                    compressedBytes,
                    Files.readAllBytes(compressed.file().orElseThrow().path()));
        }
    }

    private static void assertReads(byte[] expected, Content content) throws IOException {
        assertArrayEquals(expected, read(content, 0, content.length()));
        var random = new Random(9);
        for (int i = 0; i < 40 && expected.length > 0; i++) {
            int from = random.nextInt(expected.length);
            int count = random.nextInt(Math.min(expected.length - from, 1 + (1 << random.nextInt(22))) + 1);
            assertArrayEquals(Arrays.copyOfRange(expected, from, from + count), read(content, from, count));
            assertArrayEquals(Arrays.copyOfRange(expected, from, from + count), readAsClient(content, from, count));
            assertArrayEquals(Arrays.copyOfRange(expected, from, from + count), readInBlocks(content, from, count));
        }
        assertArrayEquals(new byte[0], read(content, expected.length, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> content.open(expected.length, 1));
    }

    /** Reads the first byte separately, and the rest as it is sent to a client. */
    private static byte[] readAsClient(Content content, long from, long count) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var in = content.open(from, count)) {
            int first = in.read();
            if (first >= 0) {
                out.write(first);
            }
            assertEquals(Math.max(0, count - 1), in.transferTo(out));
            assertEquals(-1, in.read());
        }
        return out.toByteArray();
    }

    /** Reads blocks as they are sent to clients that accept zstd, if the stream has them. */
    private static byte[] readInBlocks(Content content, long from, long count) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var in = content.open(from, count)) {
            if (in instanceof DirectBufferSource blocks) {
                for (var block = blocks.nextBuffer(); block.isPresent(); block = blocks.nextBuffer()) {
                    block.get().readBytes(out, block.get().readableBytes());
                    block.get().release();
                }
            }
            in.transferTo(out);
        }
        return out.toByteArray();
    }

    private static byte[] read(Content content, long from, long count) throws IOException {
        try (var in = content.open(from, count)) {
            return in.readAllBytes();
        }
    }

    @Test
    void listingSurvivesARoundTrip() throws Exception {
        long id = push(NarFixture.tree(Map.of("a", new byte[3], "b", new byte[0])));
        assertEquals(2, nars.getListing(id).files().size());
        try (var json = nars.openListingJson(id)) {
            assertEquals(
                    "{\"root\":{\"entries\":{\"a\":{\"narOffset\":232,\"size\":3,\"type\":\"regular\"},"
                            + "\"b\":{\"narOffset\":424,\"size\":0,\"type\":\"regular\"}},\"type\":\"directory\"},\"version\":1}",
                    new String(json.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void compressionOfTheUploadDoesNotMatter() throws Exception {
        var nar = NarFixture.flat(NarFixture.text(7, 700_000));
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write(nar);
        }
        long id = push(nar);
        assertEquals(id, push(gzip.toByteArray()));
        assertEquals(id, push(Zstd.compress(nar, 1)));
        assertEquals(1, tables.countFiles(domain));
    }

    @Test
    void repeatedPushReturnsTheSameNar() throws Exception {
        var nar = NarFixture.flat(NarFixture.noise(8, 100_000));
        long id = push(nar);
        var encoding = nars.find(id).orElseThrow().encoding();
        assertEquals(id, push(nar));
        assertEquals(encoding, nars.find(id).orElseThrow().encoding());
        assertEquals(1, tables.countFiles(domain));
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void domainsDoNotShareNars() throws Exception {
        var nar = NarFixture.flat(NarFixture.noise(8, 100_000));
        long id = push(nar);
        domain = tables.newDomain();
        assertEquals(Optional.empty(), rows.find(domain, NixHash.sha256(nar)));
        assertNotEquals(id, push(nar));
    }

    @Test
    void concurrentPushesOfANarStoreItOnce() throws Exception {
        var nar = NarFixture.flat(NarFixture.noise(9, 100_000));
        try (var first = nars.stage(new ByteArrayInputStream(nar), domain);
                var second = nars.stage(new ByteArrayInputStream(nar), domain)) {
            assertEquals(2, tables.countFiles(domain));
            long id = link(first);
            assertEquals(id, link(second));
        }
        assertEquals(1, tables.countFiles(domain));
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void abortedPushLeavesNothing() throws Exception {
        var nar = NarFixture.flat(NarFixture.noise(10, 3_000_000));
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the client is gone");
            }
        };
        var body = new SequenceInputStream(new ByteArrayInputStream(nar, 0, 2_500_000), broken);
        var error = assertThrows(IOException.class, () -> nars.stage(body, domain));
        assertEquals("the client is gone", error.getMessage());
        assertNothingLeft();
    }

    @Test
    void truncatedNarIsRefused() throws Exception {
        var nar = NarFixture.flat(NarFixture.noise(11, 3_000_000));
        var zstd = compressWithChecksum(nar);
        var damaged = zstd.clone();
        damaged[1_000_000] ^= 1;
        for (var body : List.of(
                new byte[0],
                NarFixture.noise(1, 1000),
                Arrays.copyOf(nar, nar.length - 8),
                Arrays.copyOf(nar, 1_000_000),
                Arrays.copyOf(nar, nar.length + 1),
                Arrays.copyOf(zstd, zstd.length - 1),
                damaged)) {
            var error = assertThrows(ProblemException.class, () -> push(body), body.length + " bytes");
            assertInstanceOf(Problem.Malformed.class, error.problem());
        }
        assertNothingLeft();
    }

    private static byte[] compressWithChecksum(byte[] bytes) {
        try (var zstd = new ZstdCompressCtx().setChecksum(true)) {
            return zstd.compress(bytes);
        }
    }

    @Test
    void hugeListingIsRefused() throws Exception {
        nars = tables.narsWithMaxListing(10_000);
        var files = new TreeMap<String, byte[]>();
        for (int i = 0; i < 100; i++) {
            files.put("" + i, new byte[0]);
        }
        var error = assertThrows(ProblemException.class, () -> push(NarFixture.tree(files)));
        assertInstanceOf(Problem.TooLarge.class, error.problem());
        assertNothingLeft();
    }

    @Test
    void unlinkedNarIsRemoved() throws Exception {
        nars.stage(new ByteArrayInputStream(NarFixture.flat(NarFixture.noise(12, 100_000))), domain)
                .close();
        assertNothingLeft();
    }

    @Test
    void rolledBackLinkLeavesNothing() throws Exception {
        try (var staged =
                nars.stage(new ByteArrayInputStream(NarFixture.flat(NarFixture.noise(13, 100_000))), domain)) {
            QuarkusTransaction.begin();
            staged.link();
            QuarkusTransaction.rollback();
        }
        assertNothingLeft();
    }

    @Test
    void closeBeforeTheCommitIsHarmless() throws Exception {
        var staged = nars.stage(new ByteArrayInputStream(NarFixture.flat(NarFixture.noise(14, 100_000))), domain);
        QuarkusTransaction.begin();
        long id = staged.link();
        staged.close();
        QuarkusTransaction.commit();
        assertTrue(nars.find(id).isPresent());
        assertEquals(List.of("L"), tables.packStates(domain));
        assertEquals(1, tables.countFiles(domain));
    }

    @Test
    void linkingNeedsATransaction() throws Exception {
        try (var staged = nars.stage(new ByteArrayInputStream(NarFixture.flat(new byte[1])), domain)) {
            assertThrows(IllegalStateException.class, staged::link);
        }
    }

    @Test
    void nextPushRepairsADamagedNar() throws Exception {
        var bytes = NarFixture.flat(NarFixture.noise(15, 100_000));
        long id = push(bytes);
        var damagedNar = nars.find(id).orElseThrow();
        tables.run("UPDATE pack SET state = 'Q' WHERE domain_id = " + domain);
        tables.run("UPDATE nar SET state = 'B' WHERE id = " + id);
        assertEquals(Optional.empty(), nars.find(id));
        assertEquals(id, push(bytes));
        var repairedNar = nars.find(id).orElseThrow();
        assertNotEquals(damagedNar.encoding(), repairedNar.encoding());
        assertEquals(1, tables.queryNumber("SELECT count(*) FROM pack_ref WHERE nar_id = " + id));
        assertThrows(ProblemException.class, () -> nars.compressedContent(damagedNar));
        assertReads(bytes, nars.uncompressedContent(repairedNar));
    }

    @Test
    void lostBytesAreReportedBeforeTheFirstByte() throws Exception {
        var nar =
                nars.find(push(NarFixture.flat(NarFixture.noise(16, 100_000)))).orElseThrow();
        Files.delete(nars.compressedContent(nar).file().orElseThrow().path());
        for (var read : List.<Executable>of(() -> nars.compressedContent(nar), () -> nars.uncompressedContent(nar))) {
            var error = assertThrows(ProblemException.class, read);
            assertInstanceOf(Problem.Damaged.class, error.problem());
        }
    }

    @Test
    void damagedBytesAreNotServed() throws Exception {
        var nar =
                nars.find(push(NarFixture.flat(NarFixture.noise(17, 100_000)))).orElseThrow();
        var file = nars.compressedContent(nar).file().orElseThrow().path();
        var bytes = Files.readAllBytes(file);
        bytes[50_000] ^= 4;
        Files.write(file, bytes);
        var uncompressed = nars.uncompressedContent(nar);
        assertThrows(DamagedException.class, () -> read(uncompressed, 0, uncompressed.length()));
    }

    private void assertNothingLeft() throws IOException {
        assertEquals(0, tables.countFiles(domain));
        assertEquals(List.of(), tables.packStates(domain));
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM nar WHERE domain_id = " + domain));
        assertEquals(0, tables.countUnfinished());
    }

    private long push(byte[] body) throws IOException {
        try (var staged = nars.stage(new ByteArrayInputStream(body), domain)) {
            return link(staged);
        }
    }

    private static long link(StagedNar staged) {
        return QuarkusTransaction.requiringNew().call(staged::link);
    }
}
