package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.nix.NarInfo;
import dev.narthex.store.directory.DirectoryBackend;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk reports write errors: whoever pushes is told so, and nothing is taken for kept. */
@Tag("long")
class FaultyDiskIT {
    private static final int NARS = 60;
    /** Of each thread the third call, and then every eighth: a push takes two, and those that make its folders. */
    private static final String FAULTS = "inject=fsync,fdatasync:error=EIO:when=3+8";

    @TempDir
    Path scratch;

    private final Map<SeededNar, NarInfo> acknowledged = new LinkedHashMap<>();
    private final List<SeededNar> refused = new ArrayList<>();

    @Test
    void pushIsRefusedIfItsBytesCannotBeSynced() throws Exception {
        var data = Server.folder();
        try {
            var server = Server.start(data);
            push(server, 1);
            var calls = scratch.resolve("calls");
            var disk = fails(server, calls);
            for (int i = 2; i < NARS; i++) {
                int before = failures(calls, data).size();
                boolean taken = push(server, i);
                var since = failures(calls, data);
                since = since.subList(before, since.size());
                // more than one, where what was begun of a refused push is removed, which syncs a folder as well
                assertEquals(since.isEmpty(), taken, "push " + i + " while these failed: " + since);
            }
            readAll(server);
            assertTrue(disk.isAlive(), "strace ended");
            disk.destroy();
            disk.waitFor();
            assertTrue(refused.size() > 5, refused.size() + " pushes refused");
            int told = refused.size();
            for (var nar : List.copyOf(refused)) {
                acknowledged.put(nar, NarClient.push(server, nar));
            }
            server.kill();
            var left = afterTheNextStart(data);
            System.out.printf(
                    "fsync: %d calls failed, %d pushes acknowledged, %d refused, %d orphans%n",
                    failures(calls, data).size(), acknowledged.size() - told, told, left.size());
            assertEquals(List.of(), left);
        } finally {
            DataFolders.delete(data);
        }
    }

    /** Attached to the running server, whose database is its own process and syncs as ever. */
    private static Process fails(Server server, Path calls) throws Exception {
        var pid = Long.toString(server.pid());
        var process = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-y",
                        "-p",
                        pid,
                        "-e",
                        "trace=fsync,fdatasync",
                        "-e",
                        FAULTS,
                        "-o",
                        calls.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var status = Path.of("/proc", pid, "status");
        Poll.until(
                "strace is attached",
                () -> Files.readAllLines(status).stream()
                        .anyMatch(line -> line.startsWith("TracerPid:") && !line.endsWith("\t0")));
        TimeUnit.SECONDS.sleep(1);
        return process;
    }

    /** Calls of the store that failed until now: strace writes of each before it goes on. */
    private static List<String> failures(Path calls, Path data) throws IOException {
        return Files.readAllLines(calls).stream()
                .filter(call -> call.contains("INJECTED") && call.contains(data.resolve("store") + "/"))
                .toList();
    }

    /** Returns whether it was taken. */
    private boolean push(Server server, int number) throws Exception {
        // a made path begins with its seed and is filled up with zeros: none may end in one
        // one in ten is so long that the disk is told to begin before all is there
        long size = number % 10 == 0 ? 20_000_000 : 40_000;
        var nar = new SeededNar(10L * number + 1, size + 7_000L * number);
        var info = nar.narInfo("nar/made-" + nar.seed() + ".nar");
        byte[] bytes;
        try (var in = nar.open()) {
            bytes = in.readAllBytes();
        }
        var sent = put(server, info.url(), BodyPublishers.ofByteArray(bytes));
        if (sent.statusCode() >= 500) {
            refused.add(nar);
            return false;
        }
        assertEquals(201, sent.statusCode(), sent.body());
        var told = put(server, info.path().hash() + ".narinfo", BodyPublishers.ofString(info.text()));
        assertEquals(201, told.statusCode(), told.body());
        acknowledged.put(nar, info);
        return true;
    }

    private static HttpResponse<String> put(Server server, String what, BodyPublisher body)
            throws IOException, InterruptedException {
        return server.http.send(server.authorized("/main/" + what).PUT(body).build(), BodyHandlers.ofString());
    }

    private void readAll(Server server) throws Exception {
        for (var info : acknowledged.values()) {
            assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
        }
    }

    private List<String> afterTheNextStart(Path data) throws Exception {
        try (var server = Server.start(data);
                var rows = new ServerDatabase(server)) {
            readAll(server);
            // a pack that could not be removed for good at once is left to it
            rows.sweep();
            return rows.orphans(List.of(new DirectoryBackend(data.resolve("store"))));
        }
    }
}
