package dev.narthex.store;

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
final class Chunker {
    static final int WINDOW = 48;

    private static final int[] ENTERING = BuzhashTable.words();
    private static final int[] LEAVING = new int[256];

    static {
        for (int i = 0; i < 256; i++) {
            LEAVING[i] = Integer.rotateLeft(ENTERING[i], WINDOW);
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
    Chunker(int min, int avg, int max) {
        if (min < WINDOW || min > avg || avg > max) {
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

    Search search() {
        return new Search();
    }

    /** Finds the ends of successive chunks as their bytes arrive. Not thread-safe. */
    final class Search {
        private int seen;
        private int hash;

        /**
         * Continues the search in the current chunk, or starts the next one if the last call found an end.
         *
         * @param chunk the bytes of the current chunk from its start
         * @param filled number of valid bytes in {@code chunk}, at most {@code max}
         * @return the length of the chunk, or 0 if more bytes are needed
         */
        int end(byte[] chunk, int filled) {
            if (filled < min) {
                return 0;
            }
            if (seen == 0) {
                begin(chunk);
            }
            int[] in = ENTERING;
            int[] out = LEAVING;
            long c = inverse;
            int at = seen;
            int h = hash;
            while (at < filled) {
                if (Long.compareUnsigned(((h & 0xffffffffL) + 1) * c, c) < 0) {
                    seen = 0;
                    return at;
                }
                h = Integer.rotateLeft(h, 1) ^ out[chunk[at - WINDOW] & 255] ^ in[chunk[at] & 255];
                at++;
            }
            seen = filled == max ? 0 : at;
            hash = h;
            return filled == max ? max : 0;
        }

        private void begin(byte[] chunk) {
            int h = 0;
            for (int i = min - WINDOW; i < min; i++) {
                h = Integer.rotateLeft(h, 1) ^ ENTERING[chunk[i] & 255];
            }
            seen = min;
            hash = h;
        }

        /** Starts a new chunk with the next byte. */
        void restart() {
            seen = 0;
        }
    }
}
