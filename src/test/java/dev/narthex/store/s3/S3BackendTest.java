package dev.narthex.store.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.FreePort;
import dev.narthex.problem.UnreachableException;
import dev.narthex.store.StoreContract;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.support.NarFixture;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3BackendTest extends StoreContract {
    @TempDir
    Path folder;

    private S3Server server;
    private String bucket;
    private Backend backend;

    S3Server server() {
        return S3Proxy.running();
    }

    @BeforeEach
    void anEmptyBucket() {
        server = server();
        bucket = server.newBucket();
        backend = server.backend(bucket, folder);
    }

    @Override
    protected Backend backend() {
        return backend;
    }

    @Override
    protected int leftBehind() {
        return S3Server.PART_SIZE + 1;
    }

    @Test
    void multipartPackIsCompleteOrAbsent() throws IOException {
        var bytes = NarFixture.noise(7, 2 * S3Server.PART_SIZE + 12_345);
        var key = key();
        try (var writer = backend.openWriter(key)) {
            writer.write(bytes, 0, bytes.length);
            assertEquals(OptionalLong.empty(), backend.size(key));
            writer.commit();
        }
        assertEquals(OptionalLong.of(bytes.length), backend.size(key));
        try (var in = backend.open(key, 0, bytes.length)) {
            assertArrayEquals(bytes, in.readAllBytes());
        }
        int from = S3Server.PART_SIZE - 100;
        try (var in = backend.open(key, from, 200)) {
            assertArrayEquals(Arrays.copyOfRange(bytes, from, from + 200), in.readAllBytes());
        }
        assertEquals(0, backend.deleteUnfinished(Duration.ofHours(-1)));
        try (var all = Files.list(folder)) {
            assertEquals(0, all.count());
        }
    }

    @Test
    void lastFullPartIsSentOnce() throws IOException {
        var bytes = NarFixture.noise(8, 2 * S3Server.PART_SIZE);
        var key = key();
        try (var writer = backend.openWriter(key)) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
        try (var in = backend.open(key, 0, bytes.length)) {
            assertArrayEquals(bytes, in.readAllBytes());
        }
    }

    @Test
    void presignedUrlIsForOnePackAndExpires() throws Exception {
        var key = key();
        try (var writer = backend.openWriter(key)) {
            writer.write(new byte[] {1, 2, 3}, 0, 3);
            writer.commit();
        }
        try (var http = HttpClient.newHttpClient()) {
            var address = backend.presignedUrl(key, Duration.ofHours(1)).orElseThrow();
            var answer = http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofByteArray());
            assertArrayEquals(new byte[] {1, 2, 3}, answer.body());
            assertEquals(
                    "application/zstd",
                    answer.headers().firstValue("Content-Type").orElseThrow());
            var other = URI.create(
                    address.toString().replace(key.id().toString(), key().id().toString()));
            assertEquals(
                    403,
                    http.send(HttpRequest.newBuilder(other).build(), BodyHandlers.discarding())
                            .statusCode());
        }
    }

    @Test
    void invalidSettingsAreReported() {
        assertEquals(
                "There is no bucket “no-such-bucket” at " + server.endpoint()
                        + ". Create it, or set narthex.s3.bucket to an existing bucket.",
                refused(S3Server.settings("no-such-bucket", server.endpoint(), S3Server.SECRET_KEY, false)));
        var keys = refused(S3Server.settings(bucket, server.endpoint(), "another", false));
        assertTrue(keys.startsWith(server.endpoint() + " refuses these keys for the bucket “" + bucket + "”."), keys);
        var nowhere = URI.create("http://127.0.0.1:" + FreePort.choose());
        var silent = refused(S3Server.settings(bucket, nowhere, S3Server.SECRET_KEY, false));
        assertTrue(silent.startsWith(nowhere + " does not answer: "), silent);
        var address = assertThrows(
                IllegalArgumentException.class,
                () -> Bucket.of(S3Server.settings(bucket, URI.create("s3.example.org"), S3Server.SECRET_KEY, false)));
        assertTrue(address.getMessage().contains("https://s3.example.org"), address.getMessage());
    }

    @Test
    void settingsHaveDefaults() {
        var settings = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(S3Config.class)
                .withDefaultValue("narthex.s3.bucket", "packs")
                .build()
                .getConfigMapping(S3Config.class);
        assertEquals("us-east-1", settings.region());
        assertFalse(settings.redirect());
        assertTrue(settings.endpoint().isEmpty());
        assertEquals("Amazon S3, region us-east-1", Bucket.of(settings).location());
    }

    private String refused(S3Config settings) {
        var wrong = new S3Backend(Bucket.of(settings), false, folder, S3Server.PART_SIZE);
        return assertThrows(IOException.class, wrong::check).getMessage();
    }

    @Test
    void unavailableServerIsNotAnAbsentPack() {
        var nowhere = URI.create("http://127.0.0.1:" + FreePort.choose());
        var away = S3Server.backend(bucket, folder, nowhere);
        assertThrows(UnreachableException.class, () -> away.size(key()));
        assertThrows(UnreachableException.class, () -> away.open(key(), 0, 1));
    }

    private static PackKey key() {
        return new PackKey("0badcafe", UUID.randomUUID());
    }
}
