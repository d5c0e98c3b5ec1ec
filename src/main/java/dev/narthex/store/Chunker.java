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

    int max() {
        return max;
    }

    /**
     * Finds where a chunk ends.
     *
     * @param from where the chunk starts
     * @param end where the data ends; unless it is the end of all data, at least {@code max} after {@code from}
     * @return the length of the chunk, 0 only when there is no data
     */
    int next(byte[] data, int from, int end) {
        int n = Math.min(end - from, max);
        if (n <= min) {
            return n;
        }
        int[] in = ENTERING;
        int[] out = LEAVING;
        long c = inverse;
        int at = from + min;
        int limit = from + n;
        int h = 0;
        for (int i = at - WINDOW; i < at; i++) {
            h = Integer.rotateLeft(h, 1) ^ in[data[i] & 255];
        }
        while (at < limit) {
            if (Long.compareUnsigned(((h & 0xffffffffL) + 1) * c, c) < 0) {
                return at - from;
            }
            h = Integer.rotateLeft(h, 1) ^ out[data[at - WINDOW] & 255] ^ in[data[at] & 255];
            at++;
        }
        return n;
    }
}
