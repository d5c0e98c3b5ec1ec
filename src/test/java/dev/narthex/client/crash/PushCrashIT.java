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
    private static final long LARGE_NAR_BYTES = 48L << 20;

    @TempDir
    Path scratch;

    @Test
    void killLosesNoAcknowledgedPush() throws Exception {
        killSeries(1, LARGE_NAR_BYTES / 2, RandomSeed.random("CrashTest"));
    }

    @Test
    @Tag("long")
    void twentyKillsLoseNoAcknowledgedPush() throws Exception {
        killSeries(20, LARGE_NAR_BYTES, new Random(SEED));
    }

    /** @param largeBytes size of a NAR whose pack is often being written during a kill */
    private void killSeries(int kills, long largeBytes, Random random) throws Exception {
        var pushes = preparePushes();
        var acknowledged = new LinkedHashMap<String, NarInfo>();
        var data = Server.folder();
        try {
            var server = Server.start(data, Server.SHORT_LIVED);
            try {
                for (int kill = 0; kill < kills; kill++) {
                    var killer = killAfter(server, 20 + random.nextInt(1500));
                    pushUntilServerEnds(server, pushes, acknowledged, largeBytes, kill);
                    killer.join();
                    server = Server.start(data, Server.SHORT_LIVED);
                    checkAll(server, acknowledged);
                    checkServedPathsAreComplete(server, pushes);
                }
                pushUntilServerEnds(server, pushes, acknowledged, largeBytes, kills);
                assertEquals(pushes.size() + kills + 1, acknowledged.size(), "the repeated push did not finish");
                checkAll(server, acknowledged);
            } finally {
                server.close();
            }
            assertTrue(unfinishedFiles(data).isEmpty(), () -> "unfinished files: " + unfinishedFiles(data));
        } finally {
            DataFolders.delete(data);
        }
    }

    /** Exports the test store with nix as a binary cache in a folder: the bodies of a real push, in dependency order. */
    private List<PreparedPush> preparePushes() throws IOException {
        var folder = scratch.resolve("cache");
        var command = new ArrayList<>(
                List.of("nix", "copy", "--from", CORPUS.store(), "--to", "file://" + folder + "?compression=zstd"));
        CORPUS.items().forEach(item -> command.add(item.path()));
        CORPUS.nix(scratch).run(command).succeeded();
        var unordered = new LinkedHashMap<String, PreparedPush>();
        try (var files = Files.list(folder)) {
            for (var file : files.filter(path -> path.toString().endsWith(".narinfo"))
                    .sorted()
                    .toList()) {
                var text = Files.readString(file);
                var info = NarInfo.parse(text);
                unordered.put(info.path().baseName(), new PreparedPush(info, text, folder.resolve(info.url())));
            }
        }
        var ordered = new LinkedHashMap<String, PreparedPush>();
        while (ordered.size() < unordered.size()) {
            unordered.forEach((baseName, push) -> {
                if (push.info().references().stream()
                        .allMatch(reference -> reference.equals(baseName) || ordered.containsKey(reference))) {
                    ordered.putIfAbsent(baseName, push);
                }
            });
        }
        return List.copyOf(ordered.values());
    }

    private record PreparedPush(NarInfo info, String narInfo, Path nar) {}

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
    private static void pushUntilServerEnds(
            Server server, List<PreparedPush> pushes, Map<String, NarInfo> acknowledged, long largeBytes, int round)
            throws Exception {
        try {
            for (var push : pushes) {
                if (!acknowledged.containsKey(push.info().path().baseName())) {
                    put(server, "/main/" + push.info().url(), BodyPublishers.ofFile(push.nar()));
                    put(
                            server,
                            "/main/" + push.info().path().hash() + ".narinfo",
                            BodyPublishers.ofString(push.narInfo()));
                    acknowledged.put(push.info().path().baseName(), push.info());
                }
            }
            for (int i = 0; i <= round; i++) {
                var nar = new SeededNar(1000 + i, largeBytes + i);
                if (!acknowledged.containsKey(nar.path().baseName())) {
                    acknowledged.put(nar.path().baseName(), NarClient.push(server, nar));
                }
            }
        } catch (IOException e) {
            // killed: earlier pushes stay acknowledged
        }
    }

    private static void put(Server server, String path, HttpRequest.BodyPublisher body) throws Exception {
        HttpResponse<String> response =
                server.http.send(server.authorized(path).PUT(body).build(), BodyHandlers.ofString());
        assertTrue(
                response.statusCode() == 200 || response.statusCode() == 201,
                () -> path + ": " + response.statusCode() + response.body());
    }

    private static void checkAll(Server server, Map<String, NarInfo> acknowledged) throws Exception {
        for (var info : acknowledged.values()) {
            assertEquals(
                    info.narHash(),
                    NarClient.download(server, NarClient.narInfo(server, info)),
                    info.path().toString());
        }
    }

    /** Every served path, acknowledged or not, is complete and has all its references. */
    private static void checkServedPathsAreComplete(Server server, List<PreparedPush> pushes) throws Exception {
        for (var push : pushes) {
            var response = server.http.send(
                    server.request("/main/" + push.info().path().hash() + ".narinfo")
                            .build(),
                    BodyHandlers.ofString());
            if (response.statusCode() == 200) {
                var info = NarInfo.parse(response.body());
                assertEquals(info.narHash(), NarClient.download(server, info));
                for (var reference : info.references()) {
                    NarClient.narInfo(server, findByBaseName(pushes, reference));
                }
            } else {
                assertEquals(404, response.statusCode());
            }
        }
    }

    private static NarInfo findByBaseName(List<PreparedPush> pushes, String baseName) {
        return pushes.stream()
                .map(PreparedPush::info)
                .filter(info -> info.path().baseName().equals(baseName))
                .findFirst()
                .orElseThrow();
    }

    private static List<Path> unfinishedFiles(Path data) {
        try (var files = Files.list(data.resolve("store/tmp"))) {
            return files.toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
