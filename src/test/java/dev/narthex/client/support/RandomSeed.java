package dev.narthex.client.support;

import java.util.Random;

/** The seed of a test's random choices, which is printed. {@code -Dnarthex.seed=…} repeats them. */
public final class RandomSeed {
    /** One seed per JVM: surefire repeats a failed test, and another seed would hide the failure. */
    private static final long SEED = Long.getLong("narthex.seed", new Random().nextInt(Integer.MAX_VALUE));

    private RandomSeed() {}

    /** @param test name of the test, for the printed line */
    public static Random random(String test) {
        System.out.printf("%s: -Dnarthex.seed=%d%n", test, SEED);
        return new Random(SEED);
    }
}
