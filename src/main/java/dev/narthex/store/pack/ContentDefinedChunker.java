package dev.narthex.store.pack;

/**
 * Content-defined chunking, compatible with casync: a 32-bit buzhash over the last 48 bytes. A chunk ends after a byte when
 * {@code hash mod d = d - 1} and the chunk has at least {@code min} bytes, and always at {@code max} bytes. The hash is reset
 * after each cut, so the end of a chunk depends only on the bytes since its start. Source: systemd/casync, src/cachunker.c; the
 * boundaries were compared with those of {@code casync make}.
 *
 * <p>{@code hash mod d = d - 1} holds exactly when d divides hash + 1, which can be tested with one multiplication: with
 * {@code c = ⌈2⁶⁴/d⌉}, d divides n exactly when {@code n·c mod 2⁶⁴ < c}, for all n < 2³³ and d < 2²⁸ (Lemire, Kaser and Kurz,
 * Faster remainder by direct computation, §3.2).
 */
public final class ContentDefinedChunker {
    static final int WINDOW_BYTES = 48;

    private static final int[] ENTERING_WORDS = BuzhashTable.words();
    private static final int[] LEAVING_WORDS = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            LEAVING_WORDS[i] = Integer.rotateLeft(ENTERING_WORDS[i], WINDOW_BYTES);
        }
    }

    private final int min;
    private final int max;
    private final long inverse;

    /**
     * Sizes are in bytes, {@code 48 ≤ min ≤ avg ≤ max}.
     *
     * @param avg target chunk size
     */
    public ContentDefinedChunker(int min, int avg, int max) {
        if (min < WINDOW_BYTES || min > avg || avg > max) {
            throw new IllegalArgumentException("chunk sizes " + min + " " + avg + " " + max);
        }
        this.min = min;
        this.max = max;
        this.inverse = Long.divideUnsigned(-1L, discriminator(avg)) + 1;
    }

    /** Returns the modulus for an average chunk size, by casync's fitted formula. */
    static int discriminator(int avg) {
        return (int) (avg / (-1.42888852e-7 * avg + 1.33237515));
    }

    BoundaryFinder newBoundaryFinder() {
        return new BoundaryFinder();
    }

    /** Finds the ends of successive chunks as their bytes arrive. Not thread-safe. */
    final class BoundaryFinder {
        private int scannedLength;
        private int hash;

        /**
         * Continues the search in the current chunk, or starts the next one if the last call found an end.
         *
         * @param chunk the bytes of the current chunk from its start
         * @param length number of valid bytes in {@code chunk}, at most {@code max}
         * @return the length of the chunk, or 0 if more bytes are needed
         */
        int findBoundary(byte[] chunk, int length) {
            if (length < min) {
                return 0;
            }
            if (scannedLength == 0) {
                startHash(chunk);
            }
            int[] in = ENTERING_WORDS;
            int[] out = LEAVING_WORDS;
            long c = inverse;
            int position = scannedLength;
            int h = hash;
            while (position < length) {
                if (Long.compareUnsigned(((h & 0xffffffffL) + 1) * c, c) < 0) {
                    scannedLength = 0;
                    return position;
                }
                h = Integer.rotateLeft(h, 1) ^ out[chunk[position - WINDOW_BYTES] & 255] ^ in[chunk[position] & 255];
                position++;
            }
            scannedLength = length == max ? 0 : position;
            hash = h;
            return length == max ? max : 0;
        }

        private void startHash(byte[] chunk) {
            int h = 0;
            for (int i = min - WINDOW_BYTES; i < min; i++) {
                h = Integer.rotateLeft(h, 1) ^ ENTERING_WORDS[chunk[i] & 255];
            }
            scannedLength = min;
            hash = h;
        }

        /** Starts a new chunk with the next byte. */
        void restart() {
            scannedLength = 0;
        }
    }
}
