package dev.narthex.client.support;

import java.io.InputStream;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Any number of bytes, equal for the same seed: blocks of incompressible noise, and blocks of one byte. */
public final class SeededInputStream extends InputStream {
    private static final int BLOCK = 64 * 1024;

    private final RandomGenerator random;
    private final IntPredicate noise;
    private final byte[] block = new byte[BLOCK];
    private int at = BLOCK;
    private int made;
    private long left;

    /** @param noise selects the noise blocks by their number */
    public SeededInputStream(long seed, long length, IntPredicate noise) {
        this.random = RandomGeneratorFactory.of("Xoshiro256PlusPlus").create(seed);
        this.left = length;
        this.noise = noise;
    }

    @Override
    public int read() {
        var singleByte = new byte[1];
        return read(singleByte, 0, 1) < 0 ? -1 : singleByte[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) {
        if (left == 0) {
            return -1;
        }
        if (at == BLOCK) {
            fill();
        }
        int n = (int) Math.min(Math.min(len, BLOCK - at), left);
        System.arraycopy(block, at, b, off, n);
        at += n;
        left -= n;
        return n;
    }

    private void fill() {
        int number = made++;
        if (noise.test(number)) {
            random.nextBytes(block);
        } else {
            Arrays.fill(block, (byte) made);
        }
        at = 0;
    }
}
