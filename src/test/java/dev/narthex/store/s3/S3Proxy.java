package dev.narthex.store.s3;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.FreePort;
import dev.narthex.store.Backend;
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

/** A real server of S3 on loopback, one for all tests, in a folder that goes with them. Maven puts it where it is looked for. */
public final class S3Proxy {
    public static final String ACCESS_KEY = "narthexkey";
    public static final String SECRET_KEY = "narthexsecret";
    static final int PART_SIZE = 5 << 20;

    private static final Path JAR =
            Path.of("target/s3proxy/s3proxy-jar-with-dependencies.jar").toAbsolutePath();
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final S3Proxy ONE = new S3Proxy();

    private final Path folder;
    private final Process process;
    private final URI endpoint;

    private S3Proxy() {
        try {
            assertTrue(Files.exists(JAR), JAR + " is not there: mvn generate-test-resources");
            int port = FreePort.choose();
            endpoint = URI.create("http://127.0.0.1:" + port);
            folder = Files.createTempDirectory("narthex-s3proxy");
            var settings = Files.writeString(folder.resolve("conf"), """
                    s3proxy.endpoint=%s
                    s3proxy.authorization=aws-v2-or-v4
                    s3proxy.identity=%s
                    s3proxy.credential=%s
                    s3proxy.v4-max-non-chunked-request-size=134217728
                    jclouds.provider=filesystem-nio2
                    jclouds.filesystem.basedir=%s
                    """.formatted(
                            endpoint, ACCESS_KEY, SECRET_KEY, Files.createDirectory(folder.resolve("data"))));
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-jar",
                            JAR.toString(),
                            "--properties",
                            settings.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(this::end));
            awaitReady(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void awaitReady(int port) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertTrue(socket.isConnected());
                return;
            } catch (IOException notYet) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new AssertionError("s3proxy did not start: " + Files.readString(folder.resolve("log")));
    }

    private void end() {
        process.destroyForcibly();
        try (var all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static S3Proxy running() {
        return ONE;
    }

    public URI endpoint() {
        return endpoint;
    }

    /** A new bucket. */
    public String newBucket() {
        var name = "test-" + UUID.randomUUID();
        var bucket = Bucket.of(settings(name, endpoint, SECRET_KEY, false));
        try (var client = bucket.client()) {
            client.createBucket(create -> create.bucket(name));
        }
        return name;
    }

    /** @param spool where parts wait */
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
