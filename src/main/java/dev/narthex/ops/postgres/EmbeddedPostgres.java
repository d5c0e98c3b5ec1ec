package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The embedded PostgreSQL server: a child of this process, with a persistent data folder.
 *
 * <p>It is durable: fsync is on, and pages have checksums. It survives crashes: the kernel stops the server when this process is
 * killed, and a server that still runs is found by its pid file and stopped. initdb works in a separate folder that is then
 * renamed, so an incomplete cluster is never used. The server listens on a new loopback port at each start, with a random password
 * in a file that only its user can read. PostgreSQL refuses to run as root, so root runs it as the user "nobody".
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final int NOBODY = 65534;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);
    private static final int MAX_PORT_ATTEMPTS = 3;
    private static final String USER = "narthex";

    /** Lines of postmaster.pid, from 0; the first line has the process id. */
    private static final int PORT_LINE = 3;

    private static final int STATUS_LINE = 7;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final Path home;
    private final Path data;
    private final List<String> privilegePrefix;
    private @Nullable Path binFolder;
    private @Nullable Process server;
    private int port;
    private String password = "";

    private EmbeddedPostgres(Path home) throws IOException {
        this.home = home;
        this.data = home.resolve("data");
        this.privilegePrefix = dropPrivileges();
    }

    /** Starts the server, and creates the database if it does not exist. The caller holds the data folder. */
    public static EmbeddedPostgres start(Path folder) throws IOException, InterruptedException {
        FolderPermissions.createFolder(folder);
        var postgres = new EmbeddedPostgres(folder.toAbsolutePath());
        try {
            postgres.boot();
        } catch (IOException | RuntimeException | InterruptedException e) {
            postgres.close();
            throw e;
        }
        return postgres;
    }

    /** Returns the PostgreSQL folder in a data folder. */
    public static Path home(Path dataFolder) {
        return dataFolder.resolve("postgres").resolve("17");
    }

    /** Returns the server that another process runs on this folder, if it is ready. */
    public static Optional<DatabaseLocation> findRunning(Path home) throws IOException {
        var lines = readPidFile(home.resolve("data"));
        boolean alive = lines.size() > STATUS_LINE
                && lines.get(STATUS_LINE).startsWith("ready")
                && findServer(lines).isPresent();
        return alive
                ? Optional.of(new DatabaseLocation(
                        jdbcUrl(Integer.parseInt(lines.get(PORT_LINE).strip())),
                        USER,
                        Files.readString(home.resolve("password")).strip()))
                : Optional.empty();
    }

    /** Returns the lines of the pid file, which the server deletes when it ends; empty if there is none. */
    private static List<String> readPidFile(Path data) throws IOException {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /** @param pidFile lines of the pid file */
    private static Optional<ProcessHandle> findServer(List<String> pidFile) {
        return pidFile.stream()
                .findFirst()
                .map(pid -> Long.parseLong(pid.strip()))
                .flatMap(ProcessHandle::of)
                .filter(p -> p.info().command().orElse("").endsWith("/postgres"));
    }

    private static String jdbcUrl(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/narthex";
    }

    public DatabaseLocation database() {
        return new DatabaseLocation(jdbcUrl(port), USER, password);
    }

    private void boot() throws IOException, InterruptedException {
        chownToServerUser(home);
        Files.setPosixFilePermissions(home, OWNER_ONLY);
        var bin = PostgresBinaries.unpack(home);
        binFolder = bin;
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            initialize(bin);
        }
        password = Files.readString(home.resolve("password")).strip();
        stopLeftover(bin);
        for (int attempt = 1; !launch(bin); attempt++) {
            if (attempt == MAX_PORT_ATTEMPTS) {
                throw new StartException("PostgreSQL did not start; its log is " + home.resolve("postgres.log"));
            }
        }
        createDatabase();
    }

    private void initialize(Path bin) throws IOException, InterruptedException {
        var secret = new byte[24];
        new SecureRandom().nextBytes(secret);
        var passwordFile = home.resolve("password");
        DataFolder.writeSecret(
                passwordFile, Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
        chownToServerUser(passwordFile);
        var unfinished = home.resolve("data.new");
        PostgresBinaries.deleteTree(unfinished);
        Files.createDirectory(unfinished, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        chownToServerUser(unfinished);
        run(List.of(
                bin.resolve("initdb").toString(),
                "-D",
                unfinished.toString(),
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile",
                passwordFile.toString(),
                "-E",
                "UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
                "--no-instructions"));
        Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Stops a server that survived kill -9 of its parent. The data folder is locked by this process, so the server is ours. */
    private void stopLeftover(Path bin) throws IOException, InterruptedException {
        var leftover = findServer(readPidFile(data));
        if (leftover.isPresent()) {
            stop(bin, leftover.get());
        }
    }

    /** If the server is shutting down already, pg_ctl fails; then this only waits for its end. */
    private void stop(Path bin, ProcessHandle server) throws IOException, InterruptedException {
        try {
            stop(bin);
        } catch (StartException e) {
            if (!readPidFile(data).isEmpty()) {
                throw e;
            }
            server.onExit()
                    .completeOnTimeout(server, START_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }
    }

    private void stop(Path bin) throws IOException, InterruptedException {
        run(List.of(bin.resolve("pg_ctl").toString(), "-D", data.toString(), "-m", "fast", "-w", "-t", "60", "stop"));
    }

    private boolean launch(Path bin) throws IOException, InterruptedException {
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        var command = new ArrayList<>(privilegePrefix);
        command.addAll(List.of(
                bin.resolve("postgres").toString(),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "max_connections=40",
                "-c",
                "shared_buffers=128MB",
                "-c",
                "timezone=UTC"));
        var log = home.resolve("postgres.log").toFile();
        var process = startInKeeperThread(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log)));
        server = process;
        return awaitReady(process);
    }

    /**
     * Starts the server from a dedicated thread that stays alive: the parent-death signal is sent when the forking THREAD ends, not
     * the process.
     */
    private static Process startInKeeperThread(ProcessBuilder builder) throws IOException, InterruptedException {
        var processFuture = new CompletableFuture<Process>();
        Thread.ofPlatform().daemon().name("postgres-keeper").start(() -> {
            try {
                var process = builder.start();
                processFuture.complete(process);
                process.waitFor();
            } catch (IOException e) {
                processFuture.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return processFuture.get();
        } catch (ExecutionException e) {
            throw new IOException("PostgreSQL cannot be started", e.getCause());
        }
    }

    private boolean awaitReady(Process process) throws InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline && process.isAlive()) {
            try {
                var lines = Files.readAllLines(data.resolve("postmaster.pid"));
                if (lines.size() > STATUS_LINE
                        && lines.get(0).strip().equals(Long.toString(process.pid()))
                        && lines.get(STATUS_LINE).startsWith("ready")) {
                    return true;
                }
            } catch (IOException e) {
                // Not written yet.
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return false;
    }

    private void createDatabase() {
        var maintenance = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        try (var connection = DriverManager.getConnection(maintenance, USER, password);
                var statement = connection.createStatement();
                var existing = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = 'narthex'")) {
            if (!existing.next()) {
                statement.execute("CREATE DATABASE narthex");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the embedded database does not answer", e);
        }
    }

    private static List<String> dropPrivileges() {
        var setpriv = List.of(Path.of("/usr/bin/setpriv"), Path.of("/bin/setpriv")).stream()
                .filter(Files::isExecutable)
                .findFirst();
        if (!FolderPermissions.isRoot()) {
            return setpriv.map(s -> List.of(s.toString(), "--pdeathsig", "INT", "--"))
                    .orElse(List.of());
        }
        var program = setpriv.orElseThrow(() -> new StartException("Started as root, but setpriv is not here, and"
                + " PostgreSQL refuses to run as root. Start as another user, or set QUARKUS_DATASOURCE_JDBC_URL."));
        var nobody = Integer.toString(NOBODY);
        return List.of(
                program.toString(),
                "--reuid",
                nobody,
                "--regid",
                nobody,
                "--clear-groups",
                "--no-new-privs",
                "--pdeathsig",
                "INT",
                "--");
    }

    private static void chownToServerUser(Path path) throws IOException {
        if (FolderPermissions.isRoot()) {
            Files.setAttribute(path, "unix:uid", NOBODY);
            Files.setAttribute(path, "unix:gid", NOBODY);
        }
    }

    private void run(List<String> program) throws IOException, InterruptedException {
        var command = new ArrayList<>(privilegePrefix);
        command.addAll(program);
        var process = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new StartException(program.getFirst() + " failed: " + output.strip());
        }
    }

    /**
     * Stops the server in "fast" mode: sessions end, and a checkpoint is written. Uses pg_ctl, since a minimal system may have no
     * kill. (Process.destroy would make the server wait for its clients.) Call it after the connection pool is closed.
     */
    @Override
    public void close() {
        var running = server;
        var bin = binFolder;
        if (running == null || bin == null || !running.isAlive()) {
            return;
        }
        try {
            stop(bin);
        } catch (IOException | StartException e) {
            running.destroyForcibly();
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
