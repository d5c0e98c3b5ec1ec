package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged application as its own process, so that it can be killed and measured; {@code deploy/serve} starts it. */
public final class Server implements AutoCloseable {
    private static final Path APP = Path.of("target/quarkus-app").toAbsolutePath();
    private static final Path SERVE = Path.of("deploy/serve").toAbsolutePath();
    private static final String JAVA = System.getProperty("java.home");
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    /**
     * JVM option for servers that live less than about 30 seconds: without C2, a start takes half of the CPU time, but
     * long-running code is slower.
     */
    public static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

    private final Path data;
    private final Process process;
    private final int port;
    private final int managementPort;
    public final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Server(Path data, Process process, int port, int managementPort) {
        this.data = data;
        this.process = process;
        this.port = port;
        this.managementPort = managementPort;
    }

    /**
     * A copy of {@link DataFolderTemplate}: a start creates neither cluster nor schema. All such folders have the same admin
     * token, instance key and signing key of the cache main.
     */
    public static Path folder() throws IOException {
        var folder = freshFolder();
        DataFolderTemplate.instance().copyTo(folder);
        return folder;
    }

    /** An empty data folder, accessible to the user nobody of the embedded database: for tests of a first start. */
    public static Path freshFolder() throws IOException {
        var folder = Files.createTempDirectory("narthex-server");
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** @param options JVM options, which override the default ones */
    public static Server start(Path data, String... options) throws IOException, InterruptedException {
        return start(APP, data, options);
    }

    /** @param app a folder like {@code target/quarkus-app} */
    public static Server start(Path app, Path data, String... options) throws IOException, InterruptedException {
        return start(List.of(SERVE.toString(), app.toString()), JAVA, FreePort.choose(), data, options);
    }

    /** Starts from a folder of {@code deploy/install}, with its own {@code serve} and Java. */
    public static Server startInstalled(Path folder, Path data) throws IOException, InterruptedException {
        var command = List.of(
                folder.resolve("serve").toString(),
                folder.resolve("quarkus-app").toString());
        return start(command, "", FreePort.choose(), data);
    }

    /**
     * Starts with a small file system for spooled data, which can become full. Needs root, like all tests.
     *
     * @param bytes size of that file system
     */
    public static Server startWithSmallSpool(Path data, int bytes) throws IOException, InterruptedException {
        var spool = Files.createDirectories(data.resolve("spool"));
        var mount = "mount -t tmpfs -o size=" + bytes + " none \"$0\" && exec \"$@\"";
        var command =
                List.of("unshare", "--mount", "sh", "-c", mount, spool.toString(), SERVE.toString(), APP.toString());
        return start(command, JAVA, FreePort.choose(), data, SHORT_LIVED);
    }

    /**
     * Starts as another user of the machine. Needs root, like all tests.
     *
     * @param folder contains {@code serve} and {@code quarkus-app}, readable by that user
     */
    public static Server startAs(int user, Path folder, Path data) throws IOException, InterruptedException {
        var command = as(
                user,
                folder.resolve("serve").toString(),
                folder.resolve("quarkus-app").toString());
        return start(command, JAVA, FreePort.choose(), data, SHORT_LIVED);
    }

    /** A command run by another user of the machine. */
    public static List<String> as(int user, String... command) {
        var id = Integer.toString(user);
        var words = new ArrayList<>(List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--"));
        words.addAll(List.of(command));
        return words;
    }

    /** Starts on a fixed port, so that a proxy finds it after a restart. */
    static Server at(int port, Path data, String... options) throws IOException, InterruptedException {
        return start(List.of(SERVE.toString(), APP.toString()), JAVA, port, data, options);
    }

    /** @param serve the command to which JVM options are added */
    private static Server start(List<String> serve, String javaHome, int port, Path data, String... options)
            throws IOException, InterruptedException {
        var app = serve.getLast();
        assertTrue(Files.exists(Path.of(app, "quarkus-run.jar")), app + " is not built: mvn package -DskipTests");
        int managementPort = FreePort.choose();
        var command = new ArrayList<>(serve);
        command.addAll(List.of(
                "-Dnarthex.data=" + data,
                "-Dnarthex.url=http://127.0.0.1:" + port,
                "-Dquarkus.http.port=" + port,
                "-Dnarthex.management-port=" + managementPort,
                // processes that a test leaves running are not waited for
                "-Dnarthex.stop.limit=5s"));
        command.addAll(List.of(options));
        var log = data.resolve("server.log").toFile();
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("JAVA_HOME", javaHome);
        var server = new Server(data, builder.start(), port, managementPort);
        server.awaitReady();
        return server;
    }

    /** Returns a command line for the commands beside a server. */
    public static List<String> command(Path data, String... words) {
        var command = new ArrayList<>(List.of(
                Path.of(JAVA, "bin", "java").toString(),
                SHORT_LIVED,
                "-Dnarthex.data=" + data,
                "-jar",
                APP.resolve("quarkus-run.jar").toString()));
        command.addAll(List.of(words));
        return command;
    }

    /** Returns the same server, accessed through another port. */
    Server through(int other) {
        return new Server(data, process, other, managementPort);
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < end && process.isAlive()) {
            try {
                if (http.send(request("/main/nix-cache-info").build(), BodyHandlers.discarding())
                                .statusCode()
                        == 200) {
                    return;
                }
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new AssertionError("the server did not start: " + Files.readString(data.resolve("server.log")));
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** URL of health and metrics. */
    public HttpRequest.Builder management(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
                .timeout(Duration.ofMinutes(1));
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofMinutes(10));
    }

    public HttpRequest.Builder authorized(String path) throws IOException {
        var token = Files.readString(data.resolve("admin-token"), StandardCharsets.UTF_8)
                .strip();
        return request(path).header("Authorization", "Bearer " + token);
    }

    public int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    public String log() throws IOException {
        return Files.readString(data.resolve("server.log"));
    }

    public long pid() {
        return process.pid();
    }

    /** Whether the server loads classes from the AOT cache of {@code deploy/warm}. */
    public boolean usesAotCache() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "maps"))
                .contains("/narthex.aot\n");
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** Peak resident memory since the start, in bytes. */
    public long peakMemory() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("no VmHWM");
    }

    /** Stops the server with SIGTERM. */
    public void askToEnd() {
        process.destroy();
    }

    /** Returns the exit status. */
    public int ended() throws InterruptedException {
        return process.waitFor();
    }

    /** kill -9: no shutdown code runs. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Stops the server and its child processes. */
    @Override
    public void close() {
        if (!process.isAlive()) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(90, TimeUnit.SECONDS)) {
                kill();
                throw new AssertionError("the server did not end");
            }
            assertFalse(Files.exists(data.resolve("postgres/17/data/postmaster.pid")), "the database still runs");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
