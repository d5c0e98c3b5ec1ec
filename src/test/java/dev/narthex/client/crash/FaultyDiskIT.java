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

/** The disk reports write errors: pushes whose bytes are not durable are refused, and acknowledged pushes stay readable. */
@Tag("long")
class FaultyDiskIT {
    private static final int NARS = 60;
    /** Fails the 3rd and then every 8th call of each thread: a push makes two calls, and more to create its folders. */
    private static final String SYNC_FAULTS = "inject=fsync,fdatasync:error=EIO:when=3+8";

    @TempDir
    Path scratch;

    private final Map<SeededNar, NarInfo> acknowledged = new LinkedHashMap<>();
    private final List<SeededNar> refusedNars = new ArrayList<>();

    @Test
    void pushIsRefusedIfItsBytesCannotBeSynced() throws Exception {
        var data = Server.folder();
        try {
            var server = Server.start(data);
            push(server, 1);
            var syncLog = scratch.resolve("calls");
            var strace = startFailingSyncs(server, syncLog);
            for (int i = 2; i < NARS; i++) {
                int before = failedSyncs(syncLog, data).size();
                boolean accepted = push(server, i);
                var newFailures = failedSyncs(syncLog, data);
                newFailures = newFailures.subList(before, newFailures.size());
                // more calls than failures, because cleanup after a refused push syncs a folder as well
                assertEquals(newFailures.isEmpty(), accepted, "push " + i + " with failed syncs: " + newFailures);
            }
            readAll(server);
            assertTrue(strace.isAlive(), "strace ended");
            strace.destroy();
            strace.waitFor();
            assertTrue(refusedNars.size() > 5, refusedNars.size() + " pushes were refused");
            int refusedBefore = refusedNars.size();
            for (var nar : List.copyOf(refusedNars)) {
                acknowledged.put(nar, NarClient.push(server, nar));
            }
            server.kill();
            var orphans = orphansAfterRestart(data);
            System.out.printf(
                    "fsync: %d calls failed, %d pushes acknowledged, %d refused, %d orphans%n",
                    failedSyncs(syncLog, data).size(),
                    acknowledged.size() - refusedBefore,
                    refusedBefore,
                    orphans.size());
            assertEquals(List.of(), orphans);
        } finally {
            DataFolders.delete(data);
        }
    }

    /** Attaches strace to the running server. The database is another process and is not affected. */
    private static Process startFailingSyncs(Server server, Path syncLog) throws Exception {
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
                        SYNC_FAULTS,
                        "-o",
                        syncLog.toString())
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

    /** Returns the failed sync calls of the store so far; strace logs each call before the process continues. */
    private static List<String> failedSyncs(Path syncLog, Path data) throws IOException {
        return Files.readAllLines(syncLog).stream()
                .filter(call -> call.contains("INJECTED") && call.contains(data.resolve("store") + "/"))
                .toList();
    }

    /** Returns whether the push was accepted. */
    private boolean push(Server server, int number) throws Exception {
        // the hash part of a generated path is its seed padded with zeros, so no seed may end with the digit 0
        // every 10th NAR is so large that the disk starts writing before everything was sent
        long size = number % 10 == 0 ? 20_000_000 : 40_000;
        var nar = new SeededNar(10L * number + 1, size + 7_000L * number);
        var info = nar.narInfo("nar/made-" + nar.seed() + ".nar");
        byte[] bytes;
        try (var in = nar.open()) {
            bytes = in.readAllBytes();
        }
        var narResponse = put(server, info.url(), BodyPublishers.ofByteArray(bytes));
        if (narResponse.statusCode() >= 500) {
            refusedNars.add(nar);
            return false;
        }
        assertEquals(201, narResponse.statusCode(), narResponse.body());
        var infoResponse = put(server, info.path().hash() + ".narinfo", BodyPublishers.ofString(info.text()));
        assertEquals(201, infoResponse.statusCode(), infoResponse.body());
        acknowledged.put(nar, info);
        return true;
    }

    private static HttpResponse<String> put(Server server, String path, BodyPublisher body)
            throws IOException, InterruptedException {
        return server.http.send(server.authorized("/main/" + path).PUT(body).build(), BodyHandlers.ofString());
    }

    private void readAll(Server server) throws Exception {
        for (var info : acknowledged.values()) {
            assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
        }
    }

    private List<String> orphansAfterRestart(Path data) throws Exception {
        try (var server = Server.start(data);
                var database = new ServerDatabase(server)) {
            readAll(server);
            // a pack that could not be deleted immediately is deleted by the sweeper
            database.sweep();
            return database.orphans(List.of(new DirectoryBackend(data.resolve("store"))));
        }
    }
}
