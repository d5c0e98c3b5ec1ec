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
    private static final int LARGE_FILE_BYTES = 512 * 1024;

    @Test
    void chunksConcatenateToTheNar() throws IOException {
        var nar = NarFixture.tree(
                Map.of("a", NarFixture.noise(1, 3 * LARGE_FILE_BYTES + 5), "b", NarFixture.noise(2, 100)));
        var joined = new ByteArrayOutputStream();
        chunks(nar).forEach(joined::writeBytes);
        assertArrayEquals(nar, joined.toByteArray());
    }

    @Test
    void largeFileHasTheSameChunksInEveryNar() throws IOException {
        var file = NarFixture.noise(3, LARGE_FILE_BYTES);
        var hashesAlone = hashes(chunks(NarFixture.flat(file)));
        var hashesInTree = hashes(chunks(NarFixture.tree(
                Map.of("a", NarFixture.noise(4, 70_001), "b", file, "c", NarFixture.noise(5, 90_001)))));
        var common = new HashSet<>(hashesAlone);
        common.retainAll(hashesInTree);
        assertEquals(new HashSet<>(hashes(cutPlain(file))), common);
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
        var below = chunks(NarFixture.flat(new byte[LARGE_FILE_BYTES - 1]));
        var exact = chunks(NarFixture.flat(new byte[LARGE_FILE_BYTES]));
        assertEquals(
                List.of(LARGE_FILE_BYTES, NarFixture.flat(new byte[LARGE_FILE_BYTES - 1]).length - LARGE_FILE_BYTES),
                lengths(below));
        assertEquals(List.of(96, LARGE_FILE_BYTES, 16), lengths(exact));
    }

    @Test
    void chunksAreIndependentOfReadSizes() throws IOException {
        var nar = NarFixture.noise(6, 5_000_000);
        var expected = hashes(cutPlain(nar));
        for (int step : new int[] {1 + 4096, 65536, 700_001, nar.length}) {
            var collected = new ArrayList<byte[]>();
            var chunker = newChunker(collected);
            for (int offset = 0; offset < nar.length; offset += step) {
                chunker.raw(nar, offset, Math.min(step, nar.length - offset));
            }
            chunker.endChunk();
            assertEquals(expected, hashes(collected));
        }
    }

    private static List<byte[]> chunks(byte[] nar) throws IOException {
        var collected = new ArrayList<byte[]>();
        var chunker = newChunker(collected);
        NarReader.readWhole(new ByteArrayInputStream(nar), NarLimits.DEFAULT, chunker);
        chunker.endChunk();
        return collected;
    }

    private static List<byte[]> cutPlain(byte[] data) {
        var collected = new ArrayList<byte[]>();
        var boundaryFinder = CHUNKER.newBoundaryFinder();
        for (int offset = 0; offset < data.length; offset += collected.getLast().length) {
            var rest = Arrays.copyOfRange(data, offset, Math.min(data.length, offset + LARGE_FILE_BYTES));
            int length = boundaryFinder.findBoundary(rest, rest.length);
            collected.add(length == 0 ? rest : Arrays.copyOf(rest, length));
        }
        return collected;
    }

    private static NarChunker newChunker(List<byte[]> collected) {
        return new NarChunker(CHUNKER, new NarChunker.Sink() {
            @Override
            public byte[] nextBuffer() {
                return new byte[LARGE_FILE_BYTES];
            }

            @Override
            public void acceptChunk(byte[] buffer, int count) {
                collected.add(Arrays.copyOf(buffer, count));
            }
        });
    }

    private static List<Integer> lengths(List<byte[]> chunks) {
        return chunks.stream().map(chunk -> chunk.length).toList();
    }

    private static List<String> hashes(List<byte[]> chunks) {
        return chunks.stream().map(chunk -> NixHash.sha256(chunk).hex()).toList();
    }
}
