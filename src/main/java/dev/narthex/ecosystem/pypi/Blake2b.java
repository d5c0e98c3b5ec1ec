package dev.narthex.ecosystem.pypi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * BLAKE2b with 32 bytes and without a key (RFC 7693), which twine sends of a file among others. The JDK does not know it, and a
 * library of cryptography for this alone would be a hundred times as large.
 */
final class Blake2b {
    private static final int BLOCK = 128;
    private static final int ROUNDS = 12;
    private static final int BYTES = 32;

    /** RFC 7693 §2.6. */
    private static final long[] IV = {
        0x6a09e667f3bcc908L,
        0xbb67ae8584caa73bL,
        0x3c6ef372fe94f82bL,
        0xa54ff53a5f1d36f1L,
        0x510e527fade682d1L,
        0x9b05688c2b3e6c1fL,
        0x1f83d9abfb41bd6bL,
        0x5be0cd19137e2179L
    };

    /** RFC 7693 §2.7: which word of the message goes where, a round a line. */
    private static final String[] SIGMA = {
        "0123456789abcdef",
        "ea489fd61c02b753",
        "b8c052fdae367194",
        "7931dcbe265a40f8",
        "905724afe1bc683d",
        "2c6a0b834d75fe19",
        "c51fed4a0763928b",
        "db7ec13950f4862a",
        "6fe9b308c2d714a5",
        "a2847615fb9e3cd0"
    };

    /** The words that are mixed together: first the columns, then the diagonals. */
    private static final int[][] MIXED = {
        {0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15},
        {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14}
    };

    private final long[] state = IV.clone();
    private final byte[] block = new byte[BLOCK];
    private int filled;
    private long count;

    Blake2b() {
        state[0] ^= 0x01010000L ^ BYTES;
    }

    void update(byte[] bytes, int offset, int length) {
        for (int at = 0; at < length; ) {
            // The last block is another, and only the end tells which one that is.
            if (filled == BLOCK) {
                count += BLOCK;
                compress(false);
                filled = 0;
            }
            int taken = Math.min(BLOCK - filled, length - at);
            System.arraycopy(bytes, offset + at, block, filled, taken);
            filled += taken;
            at += taken;
        }
    }

    /** To be asked once. */
    byte[] digest() {
        count += filled;
        Arrays.fill(block, filled, BLOCK, (byte) 0);
        compress(true);
        var out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < BYTES / Long.BYTES; i++) {
            out.putLong(state[i]);
        }
        return out.array();
    }

    private void compress(boolean last) {
        var words = new long[2 * IV.length];
        ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        var v = Arrays.copyOf(state, 2 * IV.length);
        System.arraycopy(IV, 0, v, IV.length, IV.length);
        v[12] ^= count;
        v[14] ^= last ? -1L : 0;
        for (int round = 0; round < ROUNDS; round++) {
            var sigma = SIGMA[round % SIGMA.length];
            for (int i = 0; i < MIXED.length; i++) {
                mix(
                        v,
                        MIXED[i],
                        words[Character.digit(sigma.charAt(2 * i), 16)],
                        words[Character.digit(sigma.charAt(2 * i + 1), 16)]);
            }
        }
        for (int i = 0; i < IV.length; i++) {
            state[i] ^= v[i] ^ v[i + IV.length];
        }
    }

    /** RFC 7693 §3.1. */
    private static void mix(long[] v, int[] at, long x, long y) {
        v[at[0]] += v[at[1]] + x;
        v[at[3]] = Long.rotateRight(v[at[3]] ^ v[at[0]], 32);
        v[at[2]] += v[at[3]];
        v[at[1]] = Long.rotateRight(v[at[1]] ^ v[at[2]], 24);
        v[at[0]] += v[at[1]] + y;
        v[at[3]] = Long.rotateRight(v[at[3]] ^ v[at[0]], 16);
        v[at[2]] += v[at[3]];
        v[at[1]] = Long.rotateRight(v[at[1]] ^ v[at[2]], 63);
    }
}
