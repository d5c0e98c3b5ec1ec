package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Corpus;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.nix.NarInfo;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged bytes are reported and repaired by the next push; a lost database is restored from a snapshot. */
class RestoreIT {
    private static final Corpus CORPUS = Corpus.open();
    private static final Pattern SNAPSHOT_ID = Pattern.compile("Snapshot (\\S+): ");
    private static final int MIB = 1 << 20;

    @TempDir
    Path scratch;

    private HttpResponse<String> get(Server server, String path, String... headers) throws Exception {
        var request = server.request(path);
        return server.http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> sendAsAdmin(Server server, String method, String path) throws Exception {
        return server.http.send(
                server.authorized(path).method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    private static int narInfoStatus(Server server, String hash) throws Exception {
        return server.http
                .send(server.request("/main/" + hash + ".narinfo").build(), BodyHandlers.discarding())
                .statusCode();
    }

    private ProgramRunner.Result runCommand(Path data, String... words) {
        return new ProgramRunner(scratch).run(Server.command(data, words));
    }

    /** Returns the file of the pack that contains only the NAR of this path. */
    private static Path findPack(Server server, ServerDatabase database, String hash) throws Exception {
        var key = database.text("""
                select d.code || '/' || right(k.key::text, 2) || '/' || k.key from path p join pack_ref r using (nar_id)
                  join pack k on k.id = r.pack_id join dedup_domain d on d.id = k.domain_id
                where p.hash_part = '%s'""".formatted(hash));
        return server.data().resolve("store/packs").resolve(key);
    }

    private void damageAndRepair(Server server, ServerDatabase database) throws Exception {
        var netrc = Files.writeString(
                scratch.resolve("netrc"),
                "machine 127.0.0.1 login token password "
                        + Files.readString(server.data().resolve("admin-token")).strip() + "\n");
        // the largest item, which is in a pack and not in a row
        var item = CORPUS.items().stream()
                .max((first, second) -> Long.compare(first.narSize(), second.narSize()))
                .orElseThrow();
        push(server, netrc, item);
        NarClient.push(server, new SeededNar(77, 300_000));
        var original =
                NarInfo.parse(get(server, "/main/" + item.hash() + ".narinfo").body());
        var file = findPack(server, database, item.hash());
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 16;
        Files.write(file, bytes);
        assertLossIsReportedAndRepaired(server, netrc, item, original);
        Files.delete(findPack(server, database, item.hash()));
        assertEquals(
                404,
                get(server, "/main/" + NarClient.narInfo(server, original).url())
                        .statusCode());
        assertLossIsReportedAndRepaired(server, netrc, item, original);
    }

    private void assertLossIsReportedAndRepaired(Server server, Path netrc, Corpus.Item item, NarInfo original)
            throws Exception {
        assertEquals(202, sendAsAdmin(server, "POST", "/_api/v1/admin/scrub").statusCode());
        Poll.until("the damage is found", () -> narInfoStatus(server, item.hash()) == 404);
        var page = get(server, "/main/path/" + item.hash(), "Accept", "text/html");
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("Damaged, found on"), page.body());
        assertTrue(getMissingPaths(server, item).contains(item.hash()), "attic clients upload the missing path");
        var storage = sendAsAdmin(server, "GET", "/_api/v1/admin/storage").body();
        assertTrue(storage.contains("\"path\":\"" + item.path() + "\""), storage);
        push(server, netrc, item);
        var repaired = NarClient.narInfo(server, original);
        assertEquals(original.narHash(), NarClient.download(server, repaired));
        assertEquals(
                200,
                get(server, "/main/path/" + item.hash(), "Accept", "text/html").statusCode());
        assertTrue(sendAsAdmin(server, "GET", "/_api/v1/admin/storage").body().contains("\"lost\":[]"));
    }

    private static String getMissingPaths(Server server, Corpus.Item item) throws Exception {
        var body = "{\"cache\": \"main\", \"store_path_hashes\": [\"" + item.hash() + "\"]}";
        return server.http
                .send(
                        server.authorized("/_api/v1/get-missing-paths")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    private void push(Server server, Path netrc, Corpus.Item item) {
        CORPUS.push(CORPUS.nix(scratch), netrc, server.uri("/main") + "?compression=zstd", List.of(item.path()))
                .succeeded();
    }

    @Test
    void damagedBytesAreRepairedAndALostDatabaseIsRestored() throws Exception {
        runScenario(4, 2 * MIB);
    }

    @Test
    @Tag("long")
    void largeLostDatabaseIsRestored() throws Exception {
        runScenario(60, 24 * MIB);
    }

    /**
     * @param nars number of large NARs pushed before the snapshot and after it, each with a small one
     * @param bytes size of a large NAR
     */
    private void runScenario(int nars, int bytes) throws Exception {
        var data = Server.folder();
        try {
            var beforeSnapshot = new LinkedHashMap<SeededNar, NarInfo>();
            var afterSnapshot = new LinkedHashMap<SeededNar, NarInfo>();
            String snapshot;
            String keys;
            var server = Server.start(data, Server.SHORT_LIVED);
            try (var database = new ServerDatabase(server)) {
                damageAndRepair(server, database);
                pushAll(server, beforeSnapshot, 10_000, nars, bytes);
                snapshot = snapshotUnderLoad(server, afterSnapshot, nars, bytes);
                pushAll(server, afterSnapshot, 50_000, nars, bytes);
                keys = ScriptlessBrowser.first(
                        "\"publicKeys\":\\[([^\\]]+)\\]",
                        get(server, "/api/main").body());
            } finally {
                server.kill();
            }
            assertRestoreIsRefused(data);
            DataFolders.deleteDatabase(data);
            killRestore(data);
            var report = runCommand(data, "restore").succeeded().out();
            assertTrue(report.contains("Restored 1 cache, "), report);
            assertTrue(report.contains("Newer, in the store: "), report);
            assertTrue(report.contains("Everything that the snapshot names is there."), report);
            var lostPath = beforeSnapshot.keySet().iterator().next().path();
            Path pack;
            try (var restored = Server.start(data, Server.SHORT_LIVED);
                    var database = new ServerDatabase(restored)) {
                assertEquals(
                        keys,
                        ScriptlessBrowser.first(
                                "\"publicKeys\":\\[([^\\]]+)\\]",
                                get(restored, "/api/main").body()));
                for (var info : beforeSnapshot.values()) {
                    assertEquals(info.narHash(), NarClient.download(restored, NarClient.narInfo(restored, info)));
                }
                assertNewerPacksAreReused(restored, database, afterSnapshot);
                assertTrue(sendAsAdmin(restored, "GET", "/_api/v1/admin/storage")
                        .body()
                        .contains(snapshot));
                pack = findPack(restored, database, lostPath.hash());
                // like a restore that is killed after its transaction
                database.change("create table restoring (snapshot text not null)");
                database.change("insert into restoring values ('" + snapshot + "')");
            }
            Files.delete(pack);
            assertServerRefusesHalfRestoredDatabase(data);
            assertLostPackIsReported(data, beforeSnapshot);
        } finally {
            DataFolders.delete(data);
        }
    }

    private static void pushAll(Server server, Map<SeededNar, NarInfo> acknowledged, int seed, int nars, int bytes)
            throws Exception {
        for (int i = 0; i < nars; i++) {
            // the hash part of a generated path is its seed padded with zeros, so no seed may end with the digit 0
            for (var nar :
                    List.of(new SeededNar(seed + 20 * i + 1, bytes + i), new SeededNar(seed + 20 * i + 11, 500 + i))) {
                acknowledged.put(nar, NarClient.push(server, nar));
            }
        }
    }

    /** Takes a snapshot during pushes, which may or may not be in it, and returns its id. */
    private String snapshotUnderLoad(Server server, Map<SeededNar, NarInfo> acknowledged, int nars, int bytes)
            throws Exception {
        var stop = new AtomicBoolean();
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            var pusher = threads.submit(() -> {
                for (int i = 0; !stop.get(); i++) {
                    var nar = new SeededNar(200_001 + 10 * i, 300_000 + i);
                    acknowledged.put(nar, NarClient.push(server, nar));
                }
                return true;
            });
            var report = runCommand(server.data(), "snapshot").succeeded().out();
            stop.set(true);
            assertTrue(pusher.get(5, TimeUnit.MINUTES));
            var snapshotId = SNAPSHOT_ID.matcher(report);
            assertTrue(snapshotId.find(), report);
            return snapshotId.group(1);
        }
    }

    /** A database with content is not changed by a restore. */
    private void assertRestoreIsRefused(Path data) {
        var notEmpty = runCommand(data, "restore").failed();
        assertTrue(notEmpty.err().contains("is not empty"), notEmpty.err());
        var unknown = runCommand(data, "restore", "20000101T000000Z-0000").failed();
        assertTrue(unknown.err().contains("There is no snapshot 20000101T000000Z-0000"), unknown.err());
    }

    private void killRestore(Path data) throws Exception {
        var log = scratch.resolve("restore.log").toFile();
        var process = new ProcessBuilder(Server.command(data, "restore"))
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        Poll.until(
                "the restore has started",
                () -> Files.readString(log.toPath()).contains("Restoring") || !process.isAlive());
        process.destroyForcibly().waitFor();
    }

    private static void assertNewerPacksAreReused(
            Server server, ServerDatabase database, Map<SeededNar, NarInfo> afterSnapshot) throws Exception {
        long packs = database.number("select count(*) from pack where state = 'L'");
        var newer = new ArrayList<SeededNar>();
        for (var nar : afterSnapshot.keySet()) {
            if (narInfoStatus(server, nar.path().hash()) == 404) {
                newer.add(nar);
                var hash = HexFormat.of().formatHex(nar.hash().bytes());
                boolean inRow = nar.narSize() < 1000;
                assertEquals(
                        inRow ? 0 : 1,
                        database.number("select count(*) from nar where state = 'L' and nar_hash = decode('" + hash
                                + "', 'hex')"),
                        nar.path().toString());
            }
        }
        assertFalse(newer.isEmpty(), "the snapshot contains all later pushes");
        for (var nar : newer) {
            var info = NarClient.push(server, nar);
            assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
        }
        assertEquals(
                packs, database.number("select count(*) from pack where state = 'L'"), "existing packs are reused");
    }

    private void assertServerRefusesHalfRestoredDatabase(Path data) {
        var error = assertThrows(
                AssertionError.class,
                () -> Server.start(data, Server.SHORT_LIVED).close());
        assertTrue(error.getMessage().contains("A restore of this database was not brought to its end"));
    }

    /** Repeats the restore of a half-restored database. */
    private void assertLostPackIsReported(Path data, Map<SeededNar, NarInfo> beforeSnapshot) throws Exception {
        var report = runCommand(data, "restore").succeeded().out();
        assertTrue(report.contains("Restored 1 cache, "), report);
        assertTrue(report.contains("Missing: the bytes of 1 NAR,"), report);
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            var lostPath = beforeSnapshot.keySet().iterator().next();
            for (var nar : beforeSnapshot.keySet()) {
                assertEquals(
                        nar.equals(lostPath) ? 404 : 200,
                        narInfoStatus(server, nar.path().hash()),
                        nar.toString());
            }
        }
    }
}
