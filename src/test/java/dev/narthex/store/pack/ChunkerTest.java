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
                        plain(data, sizes[0], sizes[1], sizes[2]),
                        cuts(data, new ContentDefinedChunker(sizes[0], sizes[1], sizes[2]), sizes[2]));
            }
        }
    }

    @Test
    void uniformDataIsCutAtTheMaximumSize() {
        assertEquals(List.of(800, 800, 400), cuts(new byte[2000], new ContentDefinedChunker(48, 200, 800), 800));
    }

    @Test
    void invalidSizesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ContentDefinedChunker(47, 200, 800));
        assertThrows(IllegalArgumentException.class, () -> new ContentDefinedChunker(48, 40, 800));
        assertThrows(IllegalArgumentException.class, () -> new ContentDefinedChunker(48, 900, 800));
    }

    /** Chunks are independent of the size of the input's reads. */
    private static List<Integer> cuts(byte[] data, ContentDefinedChunker chunker, int max) {
        var cuts = new ArrayList<Integer>();
        var pieces = new Random(data.length);
        var search = chunker.newBoundaryFinder();
        int filled = 0;
        for (int at = 0; at + filled < data.length; ) {
            int most = Math.min(max, data.length - at);
            filled = Math.min(filled + 1 + pieces.nextInt(max), most);
            int length = search.findBoundary(Arrays.copyOfRange(data, at, at + filled), filled);
            if (length > 0) {
                cuts.add(length);
                at += length;
                filled = 0;
            }
        }
        if (filled > 0) {
            cuts.add(filled);
        }
        return cuts;
    }

    /** The rule word for word: the hash of the 48 bytes before a place, computed anew at every place. */
    private static List<Integer> plain(byte[] data, int min, int avg, int max) {
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
        int h = 0;
        for (int i = end - 48; i < end; i++) {
            h = Integer.rotateLeft(h, 1) ^ TABLE[data[i] & 255];
        }
        int d = ContentDefinedChunker.discriminator(avg);
        return Integer.remainderUnsigned(h, d) == d - 1;
    }
}
