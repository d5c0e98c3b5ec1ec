package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for effects that a server has after its response. */
public final class Poll {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    private Poll() {}

    public static void until(String what, Callable<Boolean> condition) throws Exception {
        long begun = System.nanoTime();
        while (!condition.call()) {
            assertTrue(System.nanoTime() - begun < LIMIT_NANOS, "within two minutes not: " + what);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
