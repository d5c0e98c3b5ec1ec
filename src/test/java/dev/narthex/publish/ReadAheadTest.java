package dev.narthex.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.Problem;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReadAheadTest {
    private static final int PIECE = 256 << 10;

    private static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /** As a connection gives it, a little at a time, and then fails or ends. */
    private static InputStream connection(byte[] bytes, Exception failure) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                int n = super.read(b, off, Math.min(len, 60_001));
                if (n < 0 && failure instanceof IOException e) {
                    throw e;
                }
                if (n < 0 && failure instanceof RuntimeException e) {
                    throw e;
                }
                return n;
            }
        };
    }

    private static InputStream connection(byte[] bytes) {
        return connection(bytes, new Exception());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 9 * PIECE + 17})
    void everythingComesInOrder(int count) throws IOException {
        var bytes = bytes(count);
        try (var in = new ReadAhead(connection(bytes))) {
            assertArrayEquals(bytes, in.readAllBytes());
            assertEquals(-1, in.read());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, PIECE, 7 * PIECE + 3})
    void aFailureComesAfterWhatWasBeforeIt(int count) throws IOException {
        var bytes = bytes(count);
        for (var failure :
                new Exception[] {new IOException("cut"), new Problem.TooLarge("NAR", "Too large.").asException()}) {
            try (var in = new ReadAhead(connection(bytes, failure))) {
                assertArrayEquals(bytes, in.readNBytes(count));
                assertSame(failure, assertThrows(failure.getClass(), in::read));
                assertSame(failure, assertThrows(failure.getClass(), in::read));
            }
        }
    }

    @Test
    void whoeverReadsForNobodyEnds() throws Exception {
        var begun = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        var endless = new InputStream() {
            @Override
            public int read() {
                return 1;
            }

            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                if (Thread.currentThread().getName().equals("read-ahead")) {
                    begun.countDown();
                    try {
                        TimeUnit.HOURS.sleep(1);
                    } catch (InterruptedException e) {
                        ended.countDown();
                        throw new IOException(e);
                    }
                }
                return len;
            }
        };
        try (var in = new ReadAhead(endless)) {
            assertEquals(0, in.read());
            begun.await();
        }
        assertTrue(ended.await(30, TimeUnit.SECONDS), "it is still read from the connection");
    }
}
