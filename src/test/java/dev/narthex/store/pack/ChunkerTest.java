package dev.narthex.store.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.nix.NixHash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChunkerTest {
    private static final int[] TABLE = BuzhashTable.words();

    @Test
    void tableMatchesCasync() {
        var bytes = ByteBuffer.allocate(1024);
        bytes.asIntBuffer().put(TABLE);
        assertEquals(
                "639c1ee8734feb1bf879927c7a174b6fec1aceb0b1ce56b3148a8f04b060c25e",
                NixHash.sha256(bytes.array()).hex());
    }

    @Test
    void modulusMatchesCasync() {
        assertArrayEquals(
                new int[] {49535, 99777, 202440, 3075, 12318, 2030716, 750, 150},
                IntStream.of(65536, 131072, 262144, 4096, 16384, 2097152, 1000, 200)
                        .map(ContentDefinedChunker::discriminator)
                        .toArray());
    }

    @Test
    void cutsMatchAReferenceImplementation() {
        var random = new Random(11);
        for (int[] sizes :
                new int[][] {{48, 200, 800}, {100, 1000, 50000}, {1024, 4096, 16384}, {32768, 131072, 524288}}) {
            for (int length : new int[] {0, 1, 47, 48, 49, 100, 16385, 3_000_000}) {
                var data = new byte[length];
                random.nextBytes(data);
                assertEquals(
                        referenceCuts(data, sizes[0], sizes[1], sizes[2]),
                        findCuts(data, new ContentDefinedChunker(sizes[0], sizes[1], sizes[2]), sizes[2]));
            }
        }
    }

    @Test
    void uniformDataIsCutAtTheMaximumSize() {
        assertEquals(List.of(800, 800, 400), findCuts(new byte[2000], new ContentDefinedChunker(48, 200, 800), 800));
    }

    @Test
    void invalidSizesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ContentDefinedChunker(47, 200, 800));
        assertThrows(IllegalArgumentException.class, () -> new ContentDefinedChunker(48, 40, 800));
        assertThrows(IllegalArgumentException.class, () -> new ContentDefinedChunker(48, 900, 800));
    }

    /** Cuts data that arrives in steps of random size, on which the chunks must not depend. */
    private static List<Integer> findCuts(byte[] data, ContentDefinedChunker chunker, int max) {
        var cuts = new ArrayList<Integer>();
        var stepSizes = new Random(data.length);
        var boundaryFinder = chunker.newBoundaryFinder();
        int filled = 0;
        for (int offset = 0; offset + filled < data.length; ) {
            int maxLength = Math.min(max, data.length - offset);
            filled = Math.min(filled + 1 + stepSizes.nextInt(max), maxLength);
            int length = boundaryFinder.findBoundary(Arrays.copyOfRange(data, offset, offset + filled), filled);
            if (length > 0) {
                cuts.add(length);
                offset += length;
                filled = 0;
            }
        }
        if (filled > 0) {
            cuts.add(filled);
        }
        return cuts;
    }

    /** Implements the definition directly: computes the hash of the 48 bytes before every position anew. */
    private static List<Integer> referenceCuts(byte[] data, int min, int avg, int max) {
        var cuts = new ArrayList<Integer>();
        int start = 0;
        for (int end = 1; end <= data.length; end++) {
            int length = end - start;
            if (length == max || end == data.length || (length >= min && isCut(data, end, avg))) {
                cuts.add(length);
                start = end;
            }
        }
        return cuts;
    }

    private static boolean isCut(byte[] data, int end, int avg) {
        int hash = 0;
        for (int i = end - 48; i < end; i++) {
            hash = Integer.rotateLeft(hash, 1) ^ TABLE[data[i] & 255];
        }
        int modulus = ContentDefinedChunker.discriminator(avg);
        return Integer.remainderUnsigned(hash, modulus) == modulus - 1;
    }
}
