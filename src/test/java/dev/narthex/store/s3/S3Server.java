package dev.narthex.store.s3;

import dev.narthex.store.pack.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A real S3 server on loopback with the keys that tests use. */
public abstract class S3Server {
    public static final String ACCESS_KEY = "narthexkey";
    public static final String SECRET_KEY = "narthexsecret";
    static final int PART_SIZE = 5 << 20;

    static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    private final URI endpoint;

    S3Server(int port) {
        this.endpoint = URI.create("http://127.0.0.1:" + port);
    }

    public final URI endpoint() {
        return endpoint;
    }

    /** Waits until the port accepts connections. */
    static void awaitReady(int port, Process process, Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline && process.isAlive()) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (socket.isConnected()) {
                    return;
                }
            } catch (IOException notListening) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new AssertionError("the S3 server did not start: " + Files.readString(log));
    }

    static void deleteFolder(Path folder) {
        try (var paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String newBucket() {
        var name = "test-" + UUID.randomUUID();
        var bucket = Bucket.of(settings(name, endpoint, SECRET_KEY, false));
        try (var client = bucket.client()) {
            client.createBucket(create -> create.bucket(name));
        }
        return name;
    }

    /** @param spool folder for parts */
    public Backend backend(String bucket, Path spool) {
        return backend(bucket, spool, endpoint);
    }

    static S3Backend backend(String bucket, Path spool, URI endpoint) {
        return new S3Backend(Bucket.of(settings(bucket, endpoint, SECRET_KEY, true)), true, spool, PART_SIZE);
    }

    static S3Config settings(String bucket, URI endpoint, String secretKey, boolean redirect) {
        return new S3Config() {
            @Override
            public Optional<String> bucket() {
                return Optional.of(bucket);
            }

            @Override
            public Optional<URI> endpoint() {
                return Optional.of(endpoint);
            }

            @Override
            public String region() {
                return "us-east-1";
            }

            @Override
            public Optional<String> accessKey() {
                return Optional.of(ACCESS_KEY);
            }

            @Override
            public Optional<String> secretKey() {
                return Optional.of(secretKey);
            }

            @Override
            public boolean redirect() {
                return redirect;
            }
        };
    }
}
