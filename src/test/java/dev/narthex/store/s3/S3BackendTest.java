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
    void createEmptyBucket() {
        server = server();
        bucket = server.newBucket();
        backend = server.backend(bucket, folder);
    }

    @Override
    protected Backend backend() {
        return backend;
    }

    @Override
    protected int leftoverBytes() {
        return S3Server.PART_SIZE + 1;
    }

    @Test
    void multipartPackIsCompleteOrAbsent() throws IOException {
        var bytes = NarFixture.noise(7, 2 * S3Server.PART_SIZE + 12_345);
        var key = newKey();
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
        try (var files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void lastFullPartIsSentOnce() throws IOException {
        var bytes = NarFixture.noise(8, 2 * S3Server.PART_SIZE);
        var key = newKey();
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
        var key = newKey();
        try (var writer = backend.openWriter(key)) {
            writer.write(new byte[] {1, 2, 3}, 0, 3);
            writer.commit();
        }
        try (var http = HttpClient.newHttpClient()) {
            var url = backend.presignedUrl(key, Duration.ofHours(1)).orElseThrow();
            var response = http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofByteArray());
            assertArrayEquals(new byte[] {1, 2, 3}, response.body());
            assertEquals(
                    "application/zstd",
                    response.headers().firstValue("Content-Type").orElseThrow());
            var otherUrl = URI.create(
                    url.toString().replace(key.id().toString(), newKey().id().toString()));
            assertEquals(
                    403,
                    http.send(HttpRequest.newBuilder(otherUrl).build(), BodyHandlers.discarding())
                            .statusCode());
        }
    }

    @Test
    void invalidSettingsAreReported() {
        assertEquals(
                "There is no bucket “no-such-bucket” at " + server.endpoint()
                        + ". Create it, or set narthex.s3.bucket to an existing bucket.",
                checkFailure(S3Server.settings("no-such-bucket", server.endpoint(), S3Server.SECRET_KEY, false)));
        var wrongKeys = checkFailure(S3Server.settings(bucket, server.endpoint(), "another", false));
        assertTrue(
                wrongKeys.startsWith(server.endpoint() + " refuses these keys for the bucket “" + bucket + "”."),
                wrongKeys);
        var unusedAddress = URI.create("http://127.0.0.1:" + FreePort.choose());
        var unreachable = checkFailure(S3Server.settings(bucket, unusedAddress, S3Server.SECRET_KEY, false));
        assertTrue(unreachable.startsWith(unusedAddress + " does not answer: "), unreachable);
        var error = assertThrows(
                IllegalArgumentException.class,
                () -> Bucket.of(S3Server.settings(bucket, URI.create("s3.example.org"), S3Server.SECRET_KEY, false)));
        assertTrue(error.getMessage().contains("https://s3.example.org"), error.getMessage());
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

    private String checkFailure(S3Config settings) {
        var misconfigured = new S3Backend(Bucket.of(settings), false, folder, S3Server.PART_SIZE);
        return assertThrows(IOException.class, misconfigured::check).getMessage();
    }

    @Test
    void unavailableServerIsNotAnAbsentPack() {
        var unusedAddress = URI.create("http://127.0.0.1:" + FreePort.choose());
        var unreachableBackend = S3Server.backend(bucket, folder, unusedAddress);
        assertThrows(UnreachableException.class, () -> unreachableBackend.size(newKey()));
        assertThrows(UnreachableException.class, () -> unreachableBackend.open(newKey(), 0, 1));
    }

    private static PackKey newKey() {
        return new PackKey("0badcafe", UUID.randomUUID());
    }
}
