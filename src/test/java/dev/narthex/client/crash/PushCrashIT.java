package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Corpus;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.RandomSeed;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.nix.NarInfo;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the server at random moments of a push. Acknowledged pushes must be complete afterwards, nothing partial may be
 * visible, and repeating the push must succeed.
 */
class PushCrashIT {
    private static final Corpus CORPUS = Corpus.open();
    private static final long SEED = 20_261_124;
    private static final long LARGE = 48L << 20;

    @TempDir
    Path scratch;

    @Test
    void killLosesNoAcknowledgedPush() throws Exception {
        killSeries(1, LARGE / 2, RandomSeed.random("CrashTest"));
    }

    @Test
    @Tag("long")
    void twentyKillsLoseNoAcknowledgedPush() throws Exception {
        killSeries(20, LARGE, new Random(SEED));
    }

    /** @param large bytes of a NAR whose pack is often being written at a kill */
    private void killSeries(int kills, long large, Random random) throws Exception {
        var parcels = parcels();
        var acknowledged = new LinkedHashMap<String, NarInfo>();
        var data = Server.folder();
        try {
            var server = Server.start(data, Server.SHORT_LIVED);
            try {
                for (int kill = 0; kill < kills; kill++) {
                    var killer = killAfter(server, 20 + random.nextInt(1500));
                    pushUntilItEnds(server, parcels, acknowledged, large, kill);
                    killer.join();
                    server = Server.start(data, Server.SHORT_LIVED);
                    checkAll(server, acknowledged);
                    checkNothingHalf(server, parcels);
                }
                pushUntilItEnds(server, parcels, acknowledged, large, kills);
                assertEquals(parcels.size() + kills + 1, acknowledged.size(), "the repeated push did not finish");
                checkAll(server, acknowledged);
            } finally {
                server.close();
            }
            assertTrue(leftovers(data).isEmpty(), () -> "left over: " + leftovers(data));
        } finally {
            DataFolders.delete(data);
        }
    }

    /** The test store as a binary cache in a folder, made by nix: the bodies of a real push, in dependency order. */
    private List<Parcel> parcels() throws IOException {
        var folder = scratch.resolve("cache");
        var command = new ArrayList<>(
                List.of("nix", "copy", "--from", CORPUS.store(), "--to", "file://" + folder + "?compression=zstd"));
        CORPUS.items().forEach(item -> command.add(item.path()));
        CORPUS.nix(scratch).run(command).succeeded();
        var open = new LinkedHashMap<String, Parcel>();
        try (var files = Files.list(folder)) {
            for (var file : files.filter(f -> f.toString().endsWith(".narinfo"))
                    .sorted()
                    .toList()) {
                var text = Files.readString(file);
                var info = NarInfo.parse(text);
                open.put(info.path().baseName(), new Parcel(info, text, folder.resolve(info.url())));
            }
        }
        var ordered = new LinkedHashMap<String, Parcel>();
        while (ordered.size() < open.size()) {
            open.forEach((base, parcel) -> {
                if (parcel.info().references().stream().allMatch(r -> r.equals(base) || ordered.containsKey(r))) {
                    ordered.putIfAbsent(base, parcel);
                }
            });
        }
        return List.copyOf(ordered.values());
    }

    private record Parcel(NarInfo info, String narInfo, Path nar) {}

    private static Thread killAfter(Server server, int millis) {
        return Thread.ofVirtual().start(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(millis);
                server.kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Pushes everything not yet acknowledged, and one large NAR, so that a kill often falls into a pack being written. */
    private static void pushUntilItEnds(
            Server server, List<Parcel> parcels, Map<String, NarInfo> acknowledged, long large, int round)
            throws Exception {
        try {
            for (var parcel : parcels) {
                if (!acknowledged.containsKey(parcel.info().path().baseName())) {
                    put(server, "/main/" + parcel.info().url(), BodyPublishers.ofFile(parcel.nar()));
                    put(
                            server,
                            "/main/" + parcel.info().path().hash() + ".narinfo",
                            BodyPublishers.ofString(parcel.narInfo()));
                    acknowledged.put(parcel.info().path().baseName(), parcel.info());
                }
            }
            for (int i = 0; i <= round; i++) {
                var made = new SeededNar(1000 + i, large + i);
                if (!acknowledged.containsKey(made.path().baseName())) {
                    acknowledged.put(made.path().baseName(), NarClient.push(server, made));
                }
            }
        } catch (IOException e) {
            // killed: what came before stays acknowledged
        }
    }

    private static void put(Server server, String path, HttpRequest.BodyPublisher body) throws Exception {
        HttpResponse<String> answer =
                server.http.send(server.authorized(path).PUT(body).build(), BodyHandlers.ofString());
        assertTrue(
                answer.statusCode() == 200 || answer.statusCode() == 201,
                () -> path + ": " + answer.statusCode() + answer.body());
    }

    private static void checkAll(Server server, Map<String, NarInfo> acknowledged) throws Exception {
        for (var info : acknowledged.values()) {
            assertEquals(
                    info.narHash(),
                    NarClient.download(server, NarClient.narInfo(server, info)),
                    info.path().toString());
        }
    }

    /** A path that is answered at all, acknowledged or not, is whole and has all it refers to. */
    private static void checkNothingHalf(Server server, List<Parcel> parcels) throws Exception {
        for (var parcel : parcels) {
            var answer = server.http.send(
                    server.request("/main/" + parcel.info().path().hash() + ".narinfo")
                            .build(),
                    BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                var info = NarInfo.parse(answer.body());
                assertEquals(info.narHash(), NarClient.download(server, info));
                for (var reference : info.references()) {
                    NarClient.narInfo(server, byBase(parcels, reference));
                }
            } else {
                assertEquals(404, answer.statusCode());
            }
        }
    }

    private static NarInfo byBase(List<Parcel> parcels, String base) {
        return parcels.stream()
                .map(Parcel::info)
                .filter(info -> info.path().baseName().equals(base))
                .findFirst()
                .orElseThrow();
    }

    private static List<Path> leftovers(Path data) {
        try (var files = Files.list(data.resolve("store/tmp"))) {
            return files.toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
