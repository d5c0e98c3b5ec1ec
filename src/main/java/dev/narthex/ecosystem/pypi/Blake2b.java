package dev.narthex.ecosystem.pypi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * BLAKE2b with a 32-byte digest and without a key (RFC 7693). twine sends this digest of a file. The JDK does not implement it,
 * and a cryptography library for it would be a hundred times as large.
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

    /** RFC 7693 §2.7: the order of the message words, one round per line. */
    private static final int[][] SIGMA = Stream.of(
                    "0123456789abcdef",
                    "ea489fd61c02b753",
                    "b8c052fdae367194",
                    "7931dcbe265a40f8",
                    "905724afe1bc683d",
                    "2c6a0b834d75fe19",
                    "c51fed4a0763928b",
                    "db7ec13950f4862a",
                    "6fe9b308c2d714a5",
                    "a2847615fb9e3cd0")
            .map(round -> round.chars().map(digit -> Character.digit(digit, 16)).toArray())
            .toArray(int[][]::new);

    private final long[] state = IV.clone();
    private final byte[] block = new byte[BLOCK];
    private final long[] words = new long[BLOCK / Long.BYTES];
    private int filled;
    private long count;

    Blake2b() {
        state[0] ^= 0x01010000L ^ BYTES;
    }

    void update(byte[] bytes, int offset, int length) {
        for (int at = 0; at < length; ) {
            // The last block is compressed differently, so a full block waits until more bytes follow.
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

    /** Completes the digest. Call it once. */
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

    /**
     * The compression function (RFC 7693 §3.2). The 16 words are local variables, so that they stay in registers: a third faster.
     */
    private void compress(boolean last) {
        ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        long v0 = state[0];
        long v1 = state[1];
        long v2 = state[2];
        long v3 = state[3];
        long v4 = state[4];
        long v5 = state[5];
        long v6 = state[6];
        long v7 = state[7];
        long v8 = IV[0];
        long v9 = IV[1];
        long v10 = IV[2];
        long v11 = IV[3];
        long v12 = IV[4] ^ count;
        long v13 = IV[5];
        long v14 = last ? ~IV[6] : IV[6];
        long v15 = IV[7];
        for (int round = 0; round < ROUNDS; round++) {
            var sigma = SIGMA[round % SIGMA.length];
            v0 += v4 + words[sigma[0]];
            v12 = Long.rotateRight(v12 ^ v0, 32);
            v8 += v12;
            v4 = Long.rotateRight(v4 ^ v8, 24);
            v0 += v4 + words[sigma[1]];
            v12 = Long.rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = Long.rotateRight(v4 ^ v8, 63);
            v1 += v5 + words[sigma[2]];
            v13 = Long.rotateRight(v13 ^ v1, 32);
            v9 += v13;
            v5 = Long.rotateRight(v5 ^ v9, 24);
            v1 += v5 + words[sigma[3]];
            v13 = Long.rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = Long.rotateRight(v5 ^ v9, 63);
            v2 += v6 + words[sigma[4]];
            v14 = Long.rotateRight(v14 ^ v2, 32);
            v10 += v14;
            v6 = Long.rotateRight(v6 ^ v10, 24);
            v2 += v6 + words[sigma[5]];
            v14 = Long.rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = Long.rotateRight(v6 ^ v10, 63);
            v3 += v7 + words[sigma[6]];
            v15 = Long.rotateRight(v15 ^ v3, 32);
            v11 += v15;
            v7 = Long.rotateRight(v7 ^ v11, 24);
            v3 += v7 + words[sigma[7]];
            v15 = Long.rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = Long.rotateRight(v7 ^ v11, 63);
            v0 += v5 + words[sigma[8]];
            v15 = Long.rotateRight(v15 ^ v0, 32);
            v10 += v15;
            v5 = Long.rotateRight(v5 ^ v10, 24);
            v0 += v5 + words[sigma[9]];
            v15 = Long.rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = Long.rotateRight(v5 ^ v10, 63);
            v1 += v6 + words[sigma[10]];
            v12 = Long.rotateRight(v12 ^ v1, 32);
            v11 += v12;
            v6 = Long.rotateRight(v6 ^ v11, 24);
            v1 += v6 + words[sigma[11]];
            v12 = Long.rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = Long.rotateRight(v6 ^ v11, 63);
            v2 += v7 + words[sigma[12]];
            v13 = Long.rotateRight(v13 ^ v2, 32);
            v8 += v13;
            v7 = Long.rotateRight(v7 ^ v8, 24);
            v2 += v7 + words[sigma[13]];
            v13 = Long.rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = Long.rotateRight(v7 ^ v8, 63);
            v3 += v4 + words[sigma[14]];
            v14 = Long.rotateRight(v14 ^ v3, 32);
            v9 += v14;
            v4 = Long.rotateRight(v4 ^ v9, 24);
            v3 += v4 + words[sigma[15]];
            v14 = Long.rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = Long.rotateRight(v4 ^ v9, 63);
        }
        state[0] ^= v0 ^ v8;
        state[1] ^= v1 ^ v9;
        state[2] ^= v2 ^ v10;
        state[3] ^= v3 ^ v11;
        state[4] ^= v4 ^ v12;
        state[5] ^= v5 ^ v13;
        state[6] ^= v6 ^ v14;
        state[7] ^= v7 ^ v15;
    }
}
