package dev.narthex.store.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.nix.NarLimits;
import dev.narthex.nix.NarReader;
import dev.narthex.nix.NixHash;
import dev.narthex.store.support.NarFixture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NarChunkerTest {
    private static final ContentDefinedChunker CHUNKER = new ContentDefinedChunker(32 << 10, 128 << 10, 512 << 10);
    private static final int LARGE = 512 * 1024;

    @Test
    void chunksConcatenateToTheNar() throws IOException {
        var nar = NarFixture.tree(Map.of("a", NarFixture.noise(1, 3 * LARGE + 5), "b", NarFixture.noise(2, 100)));
        var all = new ByteArrayOutputStream();
        chunks(nar).forEach(all::writeBytes);
        assertArrayEquals(nar, all.toByteArray());
    }

    @Test
    void largeFileHasTheSameChunksInEveryNar() throws IOException {
        var file = NarFixture.noise(3, LARGE);
        var alone = hashes(chunks(NarFixture.flat(file)));
        var among = hashes(chunks(NarFixture.tree(
                Map.of("a", NarFixture.noise(4, 70_001), "b", file, "c", NarFixture.noise(5, 90_001)))));
        var shared = new HashSet<>(alone);
        shared.retainAll(among);
        assertEquals(new HashSet<>(hashes(plainChunks(file))), shared);
    }

    @Test
    void smallerFilesShareChunks() throws IOException {
        assertEquals(
                1,
                chunks(NarFixture.tree(Map.of("a", NarFixture.noise(7, 10_000), "b", NarFixture.noise(8, 10_000))))
                        .size());
    }

    @Test
    void fileOf512KiBHasItsOwnChunks() throws IOException {
        var below = chunks(NarFixture.flat(new byte[LARGE - 1]));
        var at = chunks(NarFixture.flat(new byte[LARGE]));
        assertEquals(List.of(LARGE, NarFixture.flat(new byte[LARGE - 1]).length - LARGE), lengths(below));
        assertEquals(List.of(96, LARGE, 16), lengths(at));
    }

    @Test
    void readSizesDoNotMatter() throws IOException {
        var nar = NarFixture.noise(6, 5_000_000);
        var expected = hashes(plainChunks(nar));
        for (int step : new int[] {1 + 4096, 65536, 700_001, nar.length}) {
            var found = new ArrayList<byte[]>();
            var cutter = cutter(found);
            for (int at = 0; at < nar.length; at += step) {
                cutter.raw(nar, at, Math.min(step, nar.length - at));
            }
            cutter.endChunk();
            assertEquals(expected, hashes(found));
        }
    }

    private static List<byte[]> chunks(byte[] nar) throws IOException {
        var found = new ArrayList<byte[]>();
        var cutter = cutter(found);
        NarReader.readWhole(new ByteArrayInputStream(nar), NarLimits.DEFAULT, cutter);
        cutter.endChunk();
        return found;
    }

    private static List<byte[]> plainChunks(byte[] data) {
        var found = new ArrayList<byte[]>();
        var search = CHUNKER.newBoundaryFinder();
        for (int at = 0; at < data.length; at += found.getLast().length) {
            var rest = Arrays.copyOfRange(data, at, Math.min(data.length, at + LARGE));
            int length = search.findBoundary(rest, rest.length);
            found.add(length == 0 ? rest : Arrays.copyOf(rest, length));
        }
        return found;
    }

    private static NarChunker cutter(List<byte[]> found) {
        return new NarChunker(CHUNKER, new NarChunker.Sink() {
            @Override
            public byte[] nextBuffer() {
                return new byte[LARGE];
            }

            @Override
            public void acceptChunk(byte[] room, int count) {
                found.add(Arrays.copyOf(room, count));
            }
        });
    }

    private static List<Integer> lengths(List<byte[]> chunks) {
        return chunks.stream().map(c -> c.length).toList();
    }

    private static List<String> hashes(List<byte[]> chunks) {
        return chunks.stream().map(c -> NixHash.sha256(c).hex()).toList();
    }
}
