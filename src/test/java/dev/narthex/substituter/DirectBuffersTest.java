package dev.narthex.substituter;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.nix.NarWriter;
import io.netty.buffer.PooledByteBufAllocator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Large bodies use pooled buffers of Netty, which are always released. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DirectBuffersTest {
    private static final String CACHE = "blocks";
    private static final int SIZE = 24 << 20;
    private static final int BROKEN = 640;
    private static final int AT_ONCE = 16;
    private static final long BLOCK = 64 << 10;
    private static final long NEARLY_NOTHING = 1 << 20;
    /** Two blocks, the frame of a third, and the data in the socket. */
    private static final long OF_ONE_ANSWER = 16 << 20;

    private static final byte[] NAR = nar();

    @Inject
    AccessFixture people;

    @TestHTTPResource("/" + CACHE + "/nar/blocks.nar")
    URI address;

    private static byte[] nar() {
        var content = new byte[SIZE];
        new Random(24).nextBytes(content);
        var out = new ByteArrayOutputStream();
        try (var nar = new NarWriter(out)) {
            nar.start();
            nar.regular(new byte[0], false, content.length, new ByteArrayInputStream(content));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    @BeforeEach
    void isThere() {
        if (given().head(address).statusCode() != 200) {
            people.cache(CACHE, true);
            given().header("Authorization", "Bearer " + people.token(Optional.empty(), Scope.ADMIN))
                    .body(NAR)
                    .put(address)
                    .then()
                    .statusCode(201);
        }
    }

    @Test
    void rangesAreServedUnchangedOverHttp1AndHttp2() throws Exception {
        for (var version : HttpClient.Version.values()) {
            try (var http = HttpClient.newBuilder().version(version).build()) {
                var whole = get(http, "bytes=0-");
                assertEquals(version, whole.version());
                assertArrayEquals(NAR, whole.body());
                for (int from : new int[] {1, 96, 700_001, SIZE / 2}) {
                    int end = from + SIZE / 3;
                    assertArrayEquals(
                            Arrays.copyOfRange(NAR, from, end),
                            get(http, "bytes=" + from + "-" + (end - 1)).body());
                }
            }
        }
    }

    private HttpResponse<byte[]> get(HttpClient http, String range) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(address).header("Range", range).build(), BodyHandlers.ofByteArray());
    }

    @Test
    void buffersOfAbortedRequestsAreReleased() throws Exception {
        long before = pinned();
        try (var slow = ask("GET");
                var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            assertTrue(slow.getInputStream().read() > 0);
            awaitPinned("a buffer is lent to who does not read on", held -> held >= before + BLOCK);
            var work = IntStream.range(0, BROKEN)
                    .<Callable<Boolean>>mapToObj(i -> () -> breakOff(i))
                    .toList();
            for (var broken : threads.invokeAll(work)) {
                assertTrue(broken.get());
            }
            awaitPinned("one answer is under way", held -> held <= before + OF_ONE_ANSWER);
        }
        awaitPinned("all buffers are back", held -> held <= before + NEARLY_NOTHING);
    }

    /** After a part of the body, within the first block or later, or after a response without a body. */
    private boolean breakOff(int number) throws IOException {
        try (var client = ask(number % 10 == 0 ? "HEAD" : "GET")) {
            int wanted = number % 10 == 0 ? 1 : 1 + number * 6_000;
            boolean read = client.getInputStream().readNBytes(wanted).length == wanted;
            if (number % 2 == 0) {
                // resets the connection
                client.setSoLinger(true, 0);
            }
            return read;
        }
    }

    private Socket ask(String method) throws IOException {
        var client = new Socket(address.getHost(), address.getPort());
        client.getOutputStream()
                .write("%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        .formatted(method, address.getPath())
                        .getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    private static long pinned() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    private static void awaitPinned(String what, LongPredicate wanted) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!wanted.test(pinned())) {
            assertTrue(System.nanoTime() < end, () -> what + ": not so with " + pinned() + " bytes");
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
