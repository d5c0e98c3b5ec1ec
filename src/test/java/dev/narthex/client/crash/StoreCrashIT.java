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
 * Kills the server at random moments of store maintenance while others push and read, and kills restores. Acknowledged NARs
 * that may not be collected are readable after every kill. In the end, when all periods have passed, one collection leaves no
 * object without a row and no row without an object.
 */
@Tag("long")
class StoreCrashIT {
    private static final long SEED = 20_261_129;
    private static final int ROUNDS = 4;
    private static final int SHARED_PACKS_PER_ROUND = 5;
    private static final int SHARED_PACK_BYTES = 6 << 20;
    private static final int COLLECTED_NARS = 8;

    private final Random random = new Random(SEED);
    private final Map<Operation, Integer> kills = new EnumMap<>(Operation.class);

    @TempDir
    Path scratch;

    private enum Operation {
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
                for (var operation : Operation.values()) {
                    switch (operation) {
                        case PUSH -> store.killDuring(server, () -> store.await(1500));
                        case COLLECT -> killCollection(store, server);
                        case REPACK -> killRepack(store, server);
                        case MOVE -> killMove(store, server, List.of(target, other), round % 2 == 0);
                        case RESTORE -> killRestore(store, server, target);
                    }
                    kills.merge(operation, 1, Integer::sum);
                    server = store.start(target);
                    store.readAll(server);
                    assertEquals(List.of(), store.lost(), "after " + kills);
                }
            }
            server.close();
            var orphans = orphansAfterCollection(store, target);
            System.out.printf(
                    "kills: %s, packs in %s, %d pushes acknowledged, %d interrupted, %d lost, %d orphans%n",
                    kills,
                    target,
                    store.acknowledged(),
                    store.brokenOff(),
                    store.lost().size(),
                    orphans.size());
            assertEquals(List.of(), store.lost());
            assertEquals(List.of(), orphans);
        }
    }

    private static void killCollection(KilledServerFixture store, Server server) throws Exception {
        var collectedHashes = new ArrayList<String>();
        for (int i = 0; i < COLLECTED_NARS; i++) {
            var nar = store.next();
            NarClient.push(server, nar);
            collectedHashes.add("'" + nar.path().hash() + "'");
        }
        try (var database = new ServerDatabase(server)) {
            var paths = " where hash_part in (" + String.join(",", collectedHashes) + ")";
            database.change(
                    "update nar_upload set at = now() - interval '8 days' where nar_id in (select nar_id from path"
                            + paths + ")");
            database.change("update nar set created_at = now() - interval '2 hours'");
            database.change(
                    "update path set pushed_at = now() - interval '40 days', last_access = current_date - 40" + paths);
            database.change("update pack set next_try = now() where state = 'C'");
            var retentionRequest = server.authorized("/_api/v1/caches/main")
                    .header("Content-Type", "application/json")
                    .method("PATCH", BodyPublishers.ofString("{\"retention\": {\"days\": 30}}"));
            assertEquals(
                    200,
                    server.http
                            .send(retentionRequest.build(), BodyHandlers.ofString())
                            .statusCode());
            store.killDuring(server, () -> {
                assertEquals(202, post(server, "/_api/v1/main/gc"));
                store.await(300);
                database.hasten("sweep-all");
                database.hasten("sweep");
                store.await(900);
            });
        }
    }

    private static int post(Server server, String path) throws Exception {
        var post = server.authorized(path).POST(BodyPublishers.noBody()).build();
        return server.http.send(post, BodyHandlers.discarding()).statusCode();
    }

    private static void killRepack(KilledServerFixture store, Server server) throws Exception {
        try (var database = new ServerDatabase(server)) {
            for (int i = 0; i < SHARED_PACKS_PER_ROUND; i++) {
                createSharedPack(store, server, database);
            }
            store.killDuring(server, () -> {
                database.hasten("sweep-all");
                store.await(1200);
            });
        }
    }

    /** Creates a pack that is 8 days old and half referenced by two paths. */
    private static void createSharedPack(KilledServerFixture store, Server server, ServerDatabase database)
            throws Exception {
        var sharedNar = new SeededNar(store.next().seed(), SHARED_PACK_BYTES);
        NarClient.upload(server, sharedNar, "nar/shared-" + sharedNar.seed() + ".nar");
        for (int i = 0; i < 2; i++) {
            store.push(server, store.like(sharedNar, SHARED_PACK_BYTES));
        }
        var nar = database.number("select id from nar where nar_hash = decode('"
                + sharedNar.hash().hex() + "', 'hex')");
        long pack = database.number("select pack_id from pack_ref where nar_id = " + nar);
        assertEquals(3, database.number("select count(*) from pack_ref where pack_id = " + pack));
        database.change("delete from nar_upload where nar_id = " + nar);
        database.change("delete from nar where id = " + nar);
        database.change("update pack set created_at = now() - interval '8 days' where id = " + pack);
    }

    /**
     * @param backends backends of packs before and after the move
     * @param killsFirstMove whether the first move is killed; otherwise the second one
     */
    private static void killMove(
            KilledServerFixture store, Server current, List<String> backends, boolean killsFirstMove) throws Exception {
        current.close();
        if (!killsFirstMove) {
            moveAll(store, backends.getLast());
        }
        var target = killsFirstMove ? backends.getLast() : backends.getFirst();
        var server = store.start(target);
        store.killDuring(server, () -> {
            assertEquals(200, post(server, "/_api/v1/admin/move-store?to=" + target));
            store.await(2500);
        });
        if (killsFirstMove) {
            moveAll(store, backends.getFirst());
        }
    }

    private static void moveAll(KilledServerFixture store, String target) throws Exception {
        try (var server = store.start(target);
                var database = new ServerDatabase(server)) {
            assertEquals(200, post(server, "/_api/v1/admin/move-store?to=" + target));
            int backend = target.equals("s3") ? 1 : 0;
            Poll.until(
                    "all packs are moved",
                    () -> database.number("select count(*) from pack where state = 'L' and backend <> " + backend)
                            == 0);
            store.readAll(server);
        }
    }

    private void killRestore(KilledServerFixture store, Server server, String target) throws Exception {
        store.push(server);
        runCommand(store, target, "snapshot").succeeded();
        server.kill();
        do {
            DataFolders.deleteDatabase(store.data());
        } while (!startRestoreAndKill(store, target));
        var report = runCommand(store, target, "restore").succeeded().out();
        assertTrue(report.contains("Everything that the snapshot names is there."), report);
    }

    /** Kills the command during its start or during the restore. Returns false if it had already ended. */
    private boolean startRestoreAndKill(KilledServerFixture store, String target) throws Exception {
        var log = scratch.resolve("restore.log");
        var builder = new ProcessBuilder(Server.command(store.data(), "restore"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(store.environment(target));
        var process = builder.start();
        if (random.nextInt(4) > 0) {
            Poll.until(
                    "the restore has started", () -> Files.readString(log).contains("Restoring") || !process.isAlive());
            store.await(700);
        } else {
            store.await(4000);
        }
        boolean wasRunning = process.isAlive();
        process.destroyForcibly().waitFor();
        return wasRunning;
    }

    private ProgramRunner.Result runCommand(KilledServerFixture store, String target, String... words) {
        var programs = new ProgramRunner(scratch);
        for (var setting : store.environment(target).entrySet()) {
            programs = programs.with(setting.getKey(), setting.getValue());
        }
        return programs.run(Server.command(store.data(), words));
    }

    /** Returns the orphans that one collection leaves after leases, grace periods and snapshots have expired. */
    private List<String> orphansAfterCollection(KilledServerFixture store, String target) throws Exception {
        try (var server = store.start(target, "-Dnarthex.nar.grace=0S");
                var database = new ServerDatabase(server)) {
            database.change("delete from snapshot");
            database.change("update nar set created_at = now() - interval '2 hours'");
            database.change("update pack set lease_until = now() - interval '1 hour' where state = 'W'");
            database.change("update pack set next_try = now() where state = 'C'");
            database.sweep();
            store.readAll(server);
            return database.orphans(List.of(
                    new DirectoryBackend(store.data().resolve("store")),
                    S3Proxy.running().backend(store.bucket(), scratch)));
        }
    }
}
