package dev.narthex.store.s3;

import dev.narthex.client.support.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Ceph's own S3 gateway with a cluster of one monitor and one OSD in memory, on loopback, shared by all tests. It is a common
 * self-hosted alternative to Amazon's S3 and lacks some newer features: checksums and conditional requests.
 */
public final class Radosgw extends S3Server {
    /** Range from which the OSD chooses its ports. */
    private static final int OSD_PORTS = 20;

    private static final String CONFIGURATION = """
            [global]
            fsid = %1$s
            mon host = v1:127.0.0.1:%2$d/0
            public addr = 127.0.0.1
            cluster addr = 127.0.0.1
            ms bind port min = %3$d
            ms bind port max = %4$d
            auth cluster required = none
            auth service required = none
            auth client required = none
            osd pool default size = 1
            osd pool default min size = 1
            osd pool default pg num = 8
            osd pool default pgp num = 8
            osd pool default pg autoscale mode = off
            osd crush chooseleaf type = 0
            mon allow pool size one = true
            mon data avail crit = 1
            osd objectstore = memstore
            memstore device bytes = 2147483648
            osd class dir = /usr/lib/x86_64-linux-gnu/rados-classes
            run dir = %5$s/run
            pid file = %5$s/run/$type.$id.pid
            admin socket = %5$s/run/$name.asok
            log file = %5$s/log/$name.log
            [mon.a]
            mon data = %5$s/mon
            [osd.0]
            osd data = %5$s/osd
            [client.rgw]
            rgw data = %5$s/rgw
            rgw frontends = beast endpoint=127.0.0.1:%6$d
            """;

    private static Radosgw instance;

    private final Path folder;

    /** In reverse order of start; each server needs those that were started before it. */
    private final Deque<Process> servers = new ArrayDeque<>();

    private Radosgw(int port) {
        super(port);
        try {
            folder = Files.createTempDirectory("narthex-radosgw");
            for (var part : new String[] {"mon", "osd", "rgw", "log", "run"}) {
                Files.createDirectory(folder.resolve(part));
            }
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
            start(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns the running gateway, and starts it at the first call. */
    public static synchronized Radosgw running() {
        if (instance == null) {
            instance = new Radosgw(FreePort.choose());
        }
        return instance;
    }

    private void start(int port) throws IOException, InterruptedException {
        int monitor = FreePort.choose();
        int osd = FreePort.choose();
        var id = UUID.randomUUID().toString();
        Files.writeString(
                folder.resolve("ceph.conf"), CONFIGURATION.formatted(id, monitor, osd, osd + OSD_PORTS, folder, port));
        var map = folder.resolve("monmap").toString();
        runCommand("monmaptool", "--create", "--fsid", id, "--addv", "a", "[v1:127.0.0.1:" + monitor + "]", map);
        runCommand("ceph-mon", "--mkfs", "-i", "a", "--monmap", map);
        startServer("ceph-mon", "-i", "a");
        var osdId = UUID.randomUUID().toString();
        runCommand("ceph", "osd", "new", osdId);
        runCommand("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osdId);
        startOsd();
        var gateway = startServer("radosgw", "-n", "client.rgw");
        awaitReady(port, gateway, logFile());
        runCommand(
                "radosgw-admin",
                "user",
                "create",
                "--uid=narthex",
                "--display-name=narthex",
                "--access-key=" + ACCESS_KEY,
                "--secret-key=" + SECRET_KEY);
    }

    /** Starts the OSD, again if it contacts the monitor too early, gets "wrong fsid" and exits. */
    private void startOsd() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        var osdServer = startServer("ceph-osd", "-i", "0");
        while (System.nanoTime() < deadline) {
            runCommand("ceph", "osd", "stat");
            if (Files.readString(logFile()).contains("1 up")) {
                return;
            }
            if (!osdServer.isAlive()) {
                servers.remove(osdServer);
                osdServer = startServer("ceph-osd", "-i", "0");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("no OSD keeps running: " + Files.readString(logFile()));
    }

    /** Returns the common log of all programs. */
    private Path logFile() {
        return folder.resolve("out");
    }

    private Process startServer(String... command) throws IOException {
        var server = startProcess(command, "-f");
        servers.push(server);
        return server;
    }

    private void runCommand(String... command) throws IOException, InterruptedException {
        var process = startProcess(command);
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + ": " + Files.readString(logFile()));
        }
    }

    private Process startProcess(String[] command, String... extraArguments) throws IOException {
        var arguments = new ArrayList<>(List.of(command));
        if (!command[0].equals("monmaptool")) {
            arguments.addAll(List.of("-c", folder.resolve("ceph.conf").toString()));
        }
        arguments.addAll(List.of(extraArguments));
        return new ProcessBuilder(arguments)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                .start();
    }

    /** Stops the gateway first, because it would wait for the others. */
    private void stop() {
        for (var server : servers) {
            server.destroy();
            try {
                if (!server.waitFor(10, TimeUnit.SECONDS)) {
                    server.destroyForcibly();
                }
            } catch (InterruptedException e) {
                server.destroyForcibly();
            }
        }
        deleteFolder(folder);
    }
}
