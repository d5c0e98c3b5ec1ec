package dev.narthex.store.s3;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real S3 server on loopback for all tests, with its data in a temporary folder. Maven copies its jar to {@code target}. */
public final class S3Proxy extends S3Server {
    private static final Path JAR =
            Path.of("target/s3proxy/s3proxy-jar-with-dependencies.jar").toAbsolutePath();
    private static final S3Proxy INSTANCE = new S3Proxy(FreePort.choose());

    private final Path folder;
    private final Process process;

    private S3Proxy(int port) {
        super(port);
        try {
            assertTrue(Files.exists(JAR), JAR + " is missing. Run mvn generate-test-resources.");
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
                            endpoint(), ACCESS_KEY, SECRET_KEY, Files.createDirectory(folder.resolve("data"))));
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
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
            awaitReady(port, process, folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void stop() {
        process.destroyForcibly();
        deleteFolder(folder);
    }

    public static S3Proxy running() {
        return INSTANCE;
    }
}
