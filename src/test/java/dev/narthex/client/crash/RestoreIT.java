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

/** Bytes are damaged, and the database is lost: what is told, what comes back, and by what. */
class RestoreIT {
    private static final Corpus CORPUS = Corpus.open();
    private static final Pattern TAKEN = Pattern.compile("Snapshot (\\S+): ");
    private static final int MIB = 1 << 20;

    @TempDir
    Path scratch;

    private HttpResponse<String> get(Server server, String path, String... headers) throws Exception {
        var request = server.request(path);
        return server.http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> admin(Server server, String method, String path) throws Exception {
        return server.http.send(
                server.authorized(path).method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    private static int narInfoStatus(Server server, String hash) throws Exception {
        return server.http
                .send(server.request("/main/" + hash + ".narinfo").build(), BodyHandlers.discarding())
                .statusCode();
    }

    private ProgramRunner.Result command(Path data, String... words) {
        return new ProgramRunner(scratch).run(Server.command(data, words));
    }

    /** The file of the pack in which a path's NAR lies alone. */
    private static Path pack(Server server, ServerDatabase rows, String hash) throws Exception {
        var key = rows.text("""
                select d.code || '/' || right(k.key::text, 2) || '/' || k.key from path p join pack_ref r using (nar_id)
                  join pack k on k.id = r.pack_id join dedup_domain d on d.id = k.domain_id
                where p.hash_part = '%s'""".formatted(hash));
        return server.data().resolve("store/packs").resolve(key);
    }

    private void damagedBytesAreReportedAndTheNextPushRepairsThem(Server server, ServerDatabase rows) throws Exception {
        var netrc = Files.writeString(
                scratch.resolve("netrc"),
                "machine 127.0.0.1 login token password "
                        + Files.readString(server.data().resolve("admin-token")).strip() + "\n");
        // the largest, so that it is in a pack and not in its row; and one without which something is there
        var item = CORPUS.items().stream()
                .max((one, two) -> Long.compare(one.narSize(), two.narSize()))
                .orElseThrow();
        push(server, netrc, item);
        NarClient.push(server, new SeededNar(77, 300_000));
        var before =
                NarInfo.parse(get(server, "/main/" + item.hash() + ".narinfo").body());
        var file = pack(server, rows, item.hash());
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 16;
        Files.write(file, bytes);
        lostAndHealed(server, netrc, item, before);
        Files.delete(pack(server, rows, item.hash()));
        assertEquals(
                404,
                get(server, "/main/" + NarClient.narInfo(server, before).url()).statusCode());
        lostAndHealed(server, netrc, item, before);
    }

    private void lostAndHealed(Server server, Path netrc, Corpus.Item item, NarInfo before) throws Exception {
        assertEquals(202, admin(server, "POST", "/_api/v1/admin/scrub").statusCode());
        Poll.until("the damage is found", () -> narInfoStatus(server, item.hash()) == 404);
        var page = get(server, "/main/path/" + item.hash(), "Accept", "text/html");
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("Damaged, found on"), page.body());
        assertTrue(missing(server, item).contains(item.hash()), "attic's clients are told to send it");
        var storage = admin(server, "GET", "/_api/v1/admin/storage").body();
        assertTrue(storage.contains("\"path\":\"" + item.path() + "\""), storage);
        push(server, netrc, item);
        var healed = NarClient.narInfo(server, before);
        assertEquals(before.narHash(), NarClient.download(server, healed));
        assertEquals(
                200,
                get(server, "/main/path/" + item.hash(), "Accept", "text/html").statusCode());
        assertTrue(admin(server, "GET", "/_api/v1/admin/storage").body().contains("\"lost\":[]"));
    }

    private static String missing(Server server, Corpus.Item item) throws Exception {
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
        drill(4, 2 * MIB);
    }

    @Test
    @Tag("long")
    void largeLostDatabaseIsRestored() throws Exception {
        drill(60, 24 * MIB);
    }

    /** @param nars of so many bytes, some pushed while the snapshot is taken, and a small one beside each */
    private void drill(int nars, int bytes) throws Exception {
        var data = Server.folder();
        try {
            var before = new LinkedHashMap<SeededNar, NarInfo>();
            var after = new LinkedHashMap<SeededNar, NarInfo>();
            String snapshot;
            String keys;
            var server = Server.start(data, Server.SHORT_LIVED);
            try (var rows = new ServerDatabase(server)) {
                damagedBytesAreReportedAndTheNextPushRepairsThem(server, rows);
                pushAll(server, before, 10_000, nars, bytes);
                snapshot = snapshotUnderLoad(server, after, nars, bytes);
                pushAll(server, after, 50_000, nars, bytes);
                keys = ScriptlessBrowser.first(
                        "\"publicKeys\":\\[([^\\]]+)\\]",
                        get(server, "/api/main").body());
            } finally {
                server.kill();
            }
            refusals(data);
            DataFolders.deleteDatabase(data);
            restoreKilledInTheMiddle(data);
            var told = command(data, "restore").succeeded().out();
            assertTrue(told.contains("Restored 1 cache, "), told);
            assertTrue(told.contains("Newer, in the store: "), told);
            assertTrue(told.contains("Everything that the snapshot names is there."), told);
            var lost = before.keySet().iterator().next().path();
            Path pack;
            try (var again = Server.start(data, Server.SHORT_LIVED);
                    var rows = new ServerDatabase(again)) {
                assertEquals(
                        keys,
                        ScriptlessBrowser.first(
                                "\"publicKeys\":\\[([^\\]]+)\\]",
                                get(again, "/api/main").body()));
                for (var info : before.values()) {
                    assertEquals(info.narHash(), NarClient.download(again, NarClient.narInfo(again, info)));
                }
                newerBytesAreTakenUp(again, rows, after);
                assertTrue(admin(again, "GET", "/_api/v1/admin/storage").body().contains(snapshot));
                pack = pack(again, rows, lost.hash());
                // as a restore that is killed after its transaction leaves it
                rows.change("create table restoring (snapshot text not null)");
                rows.change("insert into restoring values ('" + snapshot + "')");
            }
            Files.delete(pack);
            halfRestoredIsRefused(data);
            lostPackIsReported(data, before);
        } finally {
            DataFolders.delete(data);
        }
    }

    private static void pushAll(Server server, Map<SeededNar, NarInfo> into, int seed, int nars, int bytes)
            throws Exception {
        for (int i = 0; i < nars; i++) {
            // a made path begins with its seed and is filled up with zeros: none may end in one
            for (var made :
                    List.of(new SeededNar(seed + 20 * i + 1, bytes + i), new SeededNar(seed + 20 * i + 11, 500 + i))) {
                into.put(made, NarClient.push(server, made));
            }
        }
    }

    /** What is pushed meanwhile may be in the snapshot or not. */
    private String snapshotUnderLoad(Server server, Map<SeededNar, NarInfo> meanwhile, int nars, int bytes)
            throws Exception {
        var enough = new AtomicBoolean();
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            var pushing = threads.submit(() -> {
                for (int i = 0; !enough.get(); i++) {
                    var made = new SeededNar(200_001 + 10 * i, 300_000 + i);
                    meanwhile.put(made, NarClient.push(server, made));
                }
                return true;
            });
            var told = command(server.data(), "snapshot").succeeded().out();
            enough.set(true);
            assertTrue(pushing.get(5, TimeUnit.MINUTES));
            var taken = TAKEN.matcher(told);
            assertTrue(taken.find(), told);
            return taken.group(1);
        }
    }

    /** A database that has something in it is left as it is. */
    private void refusals(Path data) {
        var filled = command(data, "restore").failed();
        assertTrue(filled.err().contains("is not empty"), filled.err());
        var unknown = command(data, "restore", "20000101T000000Z-0000").failed();
        assertTrue(unknown.err().contains("There is no snapshot 20000101T000000Z-0000"), unknown.err());
    }

    private void restoreKilledInTheMiddle(Path data) throws Exception {
        var out = scratch.resolve("restore.log").toFile();
        var process = new ProcessBuilder(Server.command(data, "restore"))
                .redirectErrorStream(true)
                .redirectOutput(out)
                .start();
        Poll.until(
                "the restore has begun",
                () -> Files.readString(out.toPath()).contains("Restoring") || !process.isAlive());
        process.destroyForcibly().waitFor();
    }

    private static void newerBytesAreTakenUp(Server server, ServerDatabase rows, Map<SeededNar, NarInfo> after)
            throws Exception {
        long packs = rows.number("select count(*) from pack where state = 'L'");
        var newer = new ArrayList<SeededNar>();
        for (var made : after.keySet()) {
            if (narInfoStatus(server, made.path().hash()) == 404) {
                newer.add(made);
                var hash = HexFormat.of().formatHex(made.hash().bytes());
                boolean inRow = made.narSize() < 1000;
                assertEquals(
                        inRow ? 0 : 1,
                        rows.number("select count(*) from nar where state = 'L' and nar_hash = decode('" + hash
                                + "', 'hex')"),
                        made.path().toString());
            }
        }
        assertFalse(newer.isEmpty(), "all that came after the snapshot is in it");
        for (var made : newer) {
            var info = NarClient.push(server, made);
            assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
        }
        assertEquals(packs, rows.number("select count(*) from pack where state = 'L'"), "bytes that were there");
    }

    private void halfRestoredIsRefused(Path data) {
        var refused = assertThrows(
                AssertionError.class,
                () -> Server.start(data, Server.SHORT_LIVED).close());
        assertTrue(refused.getMessage().contains("A restore of this database was not brought to its end"));
    }

    /** The second restore of a database that is half restored. */
    private void lostPackIsReported(Path data, Map<SeededNar, NarInfo> before) throws Exception {
        var told = command(data, "restore").succeeded().out();
        assertTrue(told.contains("Restored 1 cache, "), told);
        assertTrue(told.contains("Missing: the bytes of 1 NAR,"), told);
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            var lost = before.keySet().iterator().next();
            for (var nar : before.keySet()) {
                assertEquals(
                        nar.equals(lost) ? 404 : 200,
                        narInfoStatus(server, nar.path().hash()),
                        nar.toString());
            }
        }
    }
}
