package dev.narthex.store.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.support.NarFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packs are written and read through a proxy on which every fifth request fails. */
class S3FaultsTest {
    private static final long SEED = 20_261_129;
    private static final int PACKS = 24;

    @TempDir
    Path folder;

    @Test
    void packsAreWrittenAndReadDespiteNetworkFaults() throws Exception {
        var server = S3Proxy.running();
        try (var proxy = new FaultyWay(server.endpoint(), SEED)) {
            var backend = S3Proxy.backend(server.newBucket(), folder, proxy.address());
            var random = new Random(SEED);
            for (int i = 0; i < PACKS; i++) {
                int length = i % 6 == 5 ? 2 * S3Proxy.PART_SIZE + random.nextInt(1 << 20) : random.nextInt(1 << 20);
                roundTrip(backend, NarFixture.noise(i, length), random);
            }
            assertEquals(0, deleteUnfinished(backend));
            assertTrue(proxy.faults() > 20, proxy.faults() + " faults in " + proxy.requests() + " requests");
        }
    }

    private static void roundTrip(Backend backend, byte[] bytes, Random random) throws IOException {
        var key = new PackKey("0badcafe", UUID.randomUUID());
        try (var writer = backend.openWriter(key)) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
        assertEquals(OptionalLong.of(bytes.length), backend.size(key));
        try (var in = backend.open(key, 0, bytes.length)) {
            assertArrayEquals(bytes, in.readAllBytes());
        }
        int from = random.nextInt(bytes.length);
        int count = random.nextInt(bytes.length - from);
        try (var in = backend.open(key, from, count)) {
            assertArrayEquals(Arrays.copyOfRange(bytes, from, from + count), in.readAllBytes());
        }
        backend.delete(key);
        assertEquals(OptionalLong.empty(), backend.size(key));
    }

    /**
     * Deletes unfinished uploads and returns how many remain. A create request that was executed without a response is
     * repeated, so the first upload stays unfinished.
     */
    private static int deleteUnfinished(Backend backend) throws IOException {
        backend.deleteUnfinished(Duration.ofHours(-1));
        return backend.deleteUnfinished(Duration.ofHours(-1));
    }

    @Test
    void earlyCloseDoesNotReadTheRest() throws Exception {
        var server = S3Proxy.running();
        try (var proxy = new FaultyWay(server.endpoint(), SEED)) {
            proxy.stopFaults();
            var backend = S3Proxy.backend(server.newBucket(), folder, proxy.address());
            var bytes = NarFixture.noise(1, 48 << 20);
            var key = new PackKey("0badcafe", UUID.randomUUID());
            try (var writer = backend.openWriter(key)) {
                writer.write(bytes, 0, bytes.length);
                writer.commit();
            }
            long before = proxy.bodyBytes();
            try (var in = backend.open(key, 0, bytes.length)) {
                assertEquals(bytes[0] & 255, in.read());
            }
            try (var in = backend.open(key, bytes.length - 1, 1)) {
                assertEquals(bytes[bytes.length - 1] & 255, in.read());
            }
            long read = proxy.bodyBytes() - before;
            assertTrue(read < bytes.length / 2, read + " bytes were read");
        }
    }
}
