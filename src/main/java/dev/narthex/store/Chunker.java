package dev.narthex.store;

/**
 * Cuts bytes where their content says so, as casync does: a 32-bit buzhash over the last 48 bytes; a chunk ends after a byte
 * when {@code hash mod d = d - 1} and it has at least {@code min} bytes, and always at {@code max}. The hash starts anew
 * after each cut, so where a chunk ends depends only on the bytes after its start. Source: systemd/casync,
 * src/cachunker.c; the boundaries were compared with those of {@code casync make}.
 *
 * <p>{@code hash mod d = d - 1} holds exactly when d divides hash + 1, which is one multiplication: with
 * {@code c = ⌈2⁶⁴/d⌉}, d divides n exactly when {@code n·c mod 2⁶⁴ < c}, for all n < 2³³ and d < 2²⁸ (Lemire, Kaser and
 * Kurz, Faster remainder by direct computation, §3.2).
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

    /** @param avg the length aimed at; sizes in bytes, {@code 48 ≤ min ≤ avg ≤ max} */
    Chunker(int min, int avg, int max) {
        if (min < WINDOW || min > avg || avg > max) {
            throw new IllegalArgumentException("chunk sizes " + min + " " + avg + " " + max);
        }
        this.min = min;
        this.max = max;
        this.inverse = Long.divideUnsigned(-1L, discriminator(avg)) + 1;
    }

    /** casync's fitted curve between the modulus and the average length that it yields. */
    static int discriminator(int avg) {
        return (int) (avg / (-1.42888852e-7 * avg + 1.33237515));
    }

    Search search() {
        return new Search();
    }

    /** Looks for where one chunk after the other ends, while their bytes come. */
    final class Search {
        private int seen;
        private int hash;

        /**
         * Goes on to look where it was, or begins with the next chunk if the last one has ended.
         *
         * @param chunk the bytes of this chunk from its start on
         * @param filled how many there are, {@code max} at most
         * @return the length of the chunk, 0 if it goes on
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

        /** Whatever comes next begins a chunk. */
        void restart() {
            seen = 0;
        }
    }
}
