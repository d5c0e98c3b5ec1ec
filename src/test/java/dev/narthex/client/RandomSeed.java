package dev.narthex.client;

import java.util.Random;

/** The random choices of a test, by a seed that is printed. {@code -Dnarthex.seed=…} repeats them. */
final class RandomSeed {
    private RandomSeed() {}

    /** @param test name of the test, for the line that is printed */
    static Random random(String test) {
        long seed = Long.getLong("narthex.seed", new Random().nextInt(Integer.MAX_VALUE));
        System.out.printf("%s: -Dnarthex.seed=%d%n", test, seed);
        return new Random(seed);
    }
}
