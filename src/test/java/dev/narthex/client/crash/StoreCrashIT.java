package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.KilledServerFixture;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.store.directory.DirectoryBackend;
import dev.narthex.store.s3.S3Proxy;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the server at random moments of what it does to packs, while others push and read, and a restore at random moments.
 * Acknowledged NARs that may not be collected are readable after every kill; in the end, when all time has passed, one
 * collection leaves no object without its row and no row without its object.
 */
@Tag("long")
class StoreCrashIT {
    private static final long SEED = 20_261_129;
    private static final int ROUNDS = 4;
    private static final int SHARED = 5;
    private static final int WHOLE = 6 << 20;
    private static final int GOING = 8;

    private final Random random = new Random(SEED);
    private final Map<Act, Integer> kills = new EnumMap<>(Act.class);

    @TempDir
    Path scratch;

    private enum Act {
        PUSH,
        COLLECT,
        REPACK,
        MOVE,
        RESTORE
    }

    @Test
    void killsOfAServerWithADirectoryLoseNothing() throws Exception {
        killSeries("directory", "s3");
    }

    @Test
    void killsOfAServerWithABucketLoseNothing() throws Exception {
        killSeries("s3", "directory");
    }

    private void killSeries(String target, String other) throws Exception {
        try (var store = new KilledServerFixture(random)) {
            var server = store.start(target);
            for (int round = 0; round < ROUNDS; round++) {
                for (var act : Act.values()) {
                    switch (act) {
                        case PUSH -> store.killDuring(server, () -> store.await(1500));
                        case COLLECT -> killCollection(store, server);
                        case REPACK -> killRepack(store, server);
                        case MOVE -> killMove(store, server, List.of(target, other), round % 2 == 0);
                        case RESTORE -> killRestore(store, server, target);
                    }
                    kills.merge(act, 1, Integer::sum);
                    server = store.start(target);
                    store.readAll(server);
                    assertEquals(List.of(), store.lost(), "after " + kills);
                }
            }
            server.close();
            var left = collected(store, target);
            System.out.printf(
                    "kills: %s, packs in %s, %d pushes acknowledged, %d broken off, %d lost, %d orphans%n",
                    kills,
                    target,
                    store.acknowledged(),
                    store.brokenOff(),
                    store.lost().size(),
                    left.size());
            assertEquals(List.of(), store.lost());
            assertEquals(List.of(), left);
        }
    }

    private static void killCollection(KilledServerFixture store, Server server) throws Exception {
        var going = new ArrayList<String>();
        for (int i = 0; i < GOING; i++) {
            var nar = store.next();
            NarClient.push(server, nar);
            going.add("'" + nar.path().hash() + "'");
        }
        try (var rows = new ServerDatabase(server)) {
            var paths = " where hash_part in (" + String.join(",", going) + ")";
            rows.change("update nar_upload set at = now() - interval '8 days' where nar_id in (select nar_id from path"
                    + paths + ")");
            rows.change("update nar set created_at = now() - interval '2 hours'");
            rows.change(
                    "update path set pushed_at = now() - interval '40 days', last_access = current_date - 40" + paths);
            rows.change("update pack set next_try = now() where state = 'C'");
            var kept = server.authorized("/_api/v1/caches/main")
                    .header("Content-Type", "application/json")
                    .method("PATCH", BodyPublishers.ofString("{\"retention\": {\"days\": 30}}"));
            assertEquals(
                    200, server.http.send(kept.build(), BodyHandlers.ofString()).statusCode());
            store.killDuring(server, () -> {
                assertEquals(202, order(server, "/_api/v1/main/gc"));
                store.await(300);
                rows.hasten("sweep-all");
                rows.hasten("sweep");
                store.await(900);
            });
        }
    }

    private static int order(Server server, String what) throws Exception {
        var order = server.authorized(what).POST(BodyPublishers.noBody()).build();
        return server.http.send(order, BodyHandlers.discarding()).statusCode();
    }

    private static void killRepack(KilledServerFixture store, Server server) throws Exception {
        try (var rows = new ServerDatabase(server)) {
            for (int i = 0; i < SHARED; i++) {
                share(store, server, rows);
            }
            store.killDuring(server, () -> {
                rows.hasten("sweep-all");
                store.await(1200);
            });
        }
    }

    /** A pack, some days old, of which two paths reference half. */
    private static void share(KilledServerFixture store, Server server, ServerDatabase rows) throws Exception {
        var whole = new SeededNar(store.next().seed(), WHOLE);
        NarClient.upload(server, whole, "nar/shared-" + whole.seed() + ".nar");
        for (int i = 0; i < 2; i++) {
            store.push(server, store.like(whole, WHOLE));
        }
        var nar = rows.number(
                "select id from nar where nar_hash = decode('" + whole.hash().hex() + "', 'hex')");
        long pack = rows.number("select pack_id from pack_ref where nar_id = " + nar);
        assertEquals(3, rows.number("select count(*) from pack_ref where pack_id = " + pack));
        rows.change("delete from nar_upload where nar_id = " + nar);
        rows.change("delete from nar where id = " + nar);
        rows.change("update pack set created_at = now() - interval '8 days' where id = " + pack);
    }

    /**
     * @param places where packs are, and where they go and come back from
     * @param away the move that is killed; else the one back
     */
    private static void killMove(KilledServerFixture store, Server running, List<String> places, boolean away)
            throws Exception {
        running.close();
        if (!away) {
            moveAll(store, places.getLast());
        }
        var to = away ? places.getLast() : places.getFirst();
        var server = store.start(to);
        store.killDuring(server, () -> {
            assertEquals(200, order(server, "/_api/v1/admin/move-store?to=" + to));
            store.await(2500);
        });
        if (away) {
            moveAll(store, places.getFirst());
        }
    }

    private static void moveAll(KilledServerFixture store, String to) throws Exception {
        try (var server = store.start(to);
                var rows = new ServerDatabase(server)) {
            assertEquals(200, order(server, "/_api/v1/admin/move-store?to=" + to));
            int number = to.equals("s3") ? 1 : 0;
            Poll.until(
                    "all packs are moved",
                    () -> rows.number("select count(*) from pack where state = 'L' and backend <> " + number) == 0);
            store.readAll(server);
        }
    }

    private void killRestore(KilledServerFixture store, Server server, String target) throws Exception {
        store.push(server);
        command(store, target, "snapshot").succeeded();
        server.kill();
        do {
            DataFolders.deleteDatabase(store.data());
        } while (!killedWhileItRuns(store, target));
        var told = command(store, target, "restore").succeeded().out();
        assertTrue(told.contains("Everything that the snapshot names is there."), told);
    }

    /** At a moment of its start, or of the restore itself. */
    private boolean killedWhileItRuns(KilledServerFixture store, String target) throws Exception {
        var out = scratch.resolve("restore.log");
        var builder = new ProcessBuilder(Server.command(store.data(), "restore"))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().putAll(store.environment(target));
        var process = builder.start();
        if (random.nextInt(4) > 0) {
            Poll.until(
                    "the restore has begun", () -> Files.readString(out).contains("Restoring") || !process.isAlive());
            store.await(700);
        } else {
            store.await(4000);
        }
        boolean ran = process.isAlive();
        process.destroyForcibly().waitFor();
        return ran;
    }

    private ProgramRunner.Result command(KilledServerFixture store, String target, String... words) {
        var programs = new ProgramRunner(scratch);
        for (var setting : store.environment(target).entrySet()) {
            programs = programs.with(setting.getKey(), setting.getValue());
        }
        return programs.run(Server.command(store.data(), words));
    }

    /** What one collection leaves that should not be, when leases, grace and snapshots have run out. */
    private List<String> collected(KilledServerFixture store, String target) throws Exception {
        try (var server = store.start(target, "-Dnarthex.nar.grace=0S");
                var rows = new ServerDatabase(server)) {
            rows.change("delete from snapshot");
            rows.change("update nar set created_at = now() - interval '2 hours'");
            rows.change("update pack set lease_until = now() - interval '1 hour' where state = 'W'");
            rows.change("update pack set next_try = now() where state = 'C'");
            rows.sweep();
            store.readAll(server);
            return rows.orphans(List.of(
                    new DirectoryBackend(store.data().resolve("store")),
                    S3Proxy.running().backend(store.bucket(), scratch)));
        }
    }
}
