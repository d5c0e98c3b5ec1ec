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
 * Ceph's own gateway before a cluster of one monitor and one OSD in memory, all on loopback; one for all tests. It is what many
 * keep at home in place of Amazon's, and it honours less of what was added lately: checksums and conditions.
 */
public final class Radosgw extends S3Server {
    /** Ports of the OSD, which chooses among them. */
    private static final int OSD_PORTS = 20;

    private static final String CLUSTER = """
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

    private static Radosgw one;

    private final Path folder;

    /** Each needs those before it, to the end. */
    private final Deque<Process> servers = new ArrayDeque<>();

    private Radosgw(int port) {
        super(port);
        try {
            folder = Files.createTempDirectory("narthex-radosgw");
            for (var part : new String[] {"mon", "osd", "rgw", "log", "run"}) {
                Files.createDirectory(folder.resolve(part));
            }
            Runtime.getRuntime().addShutdownHook(new Thread(this::end));
            start(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts it if nobody has. */
    public static synchronized Radosgw running() {
        if (one == null) {
            one = new Radosgw(FreePort.choose());
        }
        return one;
    }

    private void start(int port) throws IOException, InterruptedException {
        int monitor = FreePort.choose();
        int osd = FreePort.choose();
        var id = UUID.randomUUID().toString();
        Files.writeString(
                folder.resolve("ceph.conf"), CLUSTER.formatted(id, monitor, osd, osd + OSD_PORTS, folder, port));
        var map = folder.resolve("monmap").toString();
        run("monmaptool", "--create", "--fsid", id, "--addv", "a", "[v1:127.0.0.1:" + monitor + "]", map);
        run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map);
        serve("ceph-mon", "-i", "a");
        var disk = UUID.randomUUID().toString();
        run("ceph", "osd", "new", disk);
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk);
        startDisk();
        var gateway = serve("radosgw", "-n", "client.rgw");
        awaitReady(port, gateway, log());
        run(
                "radosgw-admin",
                "user",
                "create",
                "--uid=narthex",
                "--display-name=narthex",
                "--access-key=" + ACCESS_KEY,
                "--secret-key=" + SECRET_KEY);
    }

    /** An OSD that asks the monitor before it has heard the cluster's id is told "wrong fsid", and ends. */
    private void startDisk() throws IOException, InterruptedException {
        long end = System.nanoTime() + START_TIMEOUT.toNanos();
        var disk = serve("ceph-osd", "-i", "0");
        while (System.nanoTime() < end) {
            run("ceph", "osd", "stat");
            if (Files.readString(log()).contains("1 up")) {
                return;
            }
            if (!disk.isAlive()) {
                servers.remove(disk);
                disk = serve("ceph-osd", "-i", "0");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("no OSD stays: " + Files.readString(log()));
    }

    /** Their logs. */
    private Path log() {
        return folder.resolve("out");
    }

    private Process serve(String... command) throws IOException {
        var server = process(command, "-f");
        servers.push(server);
        return server;
    }

    private void run(String... command) throws IOException, InterruptedException {
        var run = process(command);
        if (!run.waitFor(1, TimeUnit.MINUTES) || run.exitValue() != 0) {
            run.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + ": " + Files.readString(log()));
        }
    }

    private Process process(String[] command, String... more) throws IOException {
        var all = new ArrayList<>(List.of(command));
        if (!command[0].equals("monmaptool")) {
            all.addAll(List.of("-c", folder.resolve("ceph.conf").toString()));
        }
        all.addAll(List.of(more));
        return new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    /** The gateway first: without the others it would wait for them. */
    private void end() {
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
        remove(folder);
    }
}
