package dev.narthex.client.support;

import java.util.Random;

/** The random choices of a test, by a seed that is printed. {@code -Dnarthex.seed=…} repeats them. */
public final class RandomSeed {
    /** One for the JVM: surefire repeats a test that failed, and a repetition by another seed would hide the failure. */
    private static final long SEED = Long.getLong("narthex.seed", new Random().nextInt(Integer.MAX_VALUE));

    private RandomSeed() {}

    /** @param test name of the test, for the line that is printed */
    public static Random random(String test) {
        System.out.printf("%s: -Dnarthex.seed=%d%n", test, SEED);
        return new Random(SEED);
    }
}
