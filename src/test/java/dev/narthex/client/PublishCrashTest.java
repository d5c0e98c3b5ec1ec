package dev.narthex.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.ecosystem.npm.Sending;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kills the server at random moments while several publish versions of the same packages. A version is there as a whole
 * afterwards, for npm and for nix, or it is not at all; what was acknowledged is there.
 */
class PublishCrashTest {
    private static final long SEED = 20_261_128;
    private static final int PUBLISHERS = 3;
    private static final int MOST_BEFORE_A_KILL = 20;

    /** In milliseconds, about. */
    private static final int LONGEST_PUBLISHING = 200;

    private static final List<String> NAMES = List.of("anchor", "@boat/keel");

    private final ObjectMapper json = new ObjectMapper();

    /** By name and version. */
    private final Map<Release, Sending> sent = new ConcurrentHashMap<>();

    private final Set<Release> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger next = new AtomicInteger();

    private record Release(String name, String version) {
        String tarball() {
            return name.substring(name.indexOf('/') + 1) + "-" + version + ".tgz";
        }
    }

    @Test
    void threeKillsLeaveNoHalfVersion() throws Exception {
        killSeries(3);
    }

    @Test
    @Tag("long")
    void twentyKillsLeaveNoHalfVersion() throws Exception {
        killSeries(20);
    }

    private void killSeries(int kills) throws Exception {
        var random = new Random(SEED);
        var data = Server.folder();
        int halfway = 0;
        try {
            for (int kill = 0; kill < kills; kill++) {
                var server = Server.start(data);
                var publishing = Thread.ofVirtual().start(() -> publishUntilItEnds(server));
                int enough = acknowledged.size() + 1 + random.nextInt(MOST_BEFORE_A_KILL);
                Poll.until("enough is published", () -> acknowledged.size() >= enough);
                TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_PUBLISHING));
                server.kill();
                publishing.join();
                try (var again = Server.start(data)) {
                    checkAll(again);
                    halfway += retryAll(again);
                    checkAll(again);
                    assertEquals(sent.keySet(), acknowledged);
                }
            }
            System.out.printf(
                    "publishing: %d kills, %d versions, %d of them unanswered and there only after they were sent again%n",
                    kills, acknowledged.size(), halfway);
            assertTrue(acknowledged.size() > kills, "nothing was published between the kills");
            for (var folder : List.of("store/tmp", "spool")) {
                try (var left = Files.list(data.resolve(folder))) {
                    assertEquals(List.of(), left.toList());
                }
            }
        } finally {
            LoadTest.deleteTree(data);
        }
    }

    private void publishUntilItEnds(Server server) {
        try (var publishers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < PUBLISHERS; i++) {
                publishers.submit(() -> {
                    while (true) {
                        publish(server, make());
                    }
                });
            }
        }
    }

    /** Every third is so large that it does not stay in its row. */
    private Release make() {
        int number = next.incrementAndGet();
        var release = new Release(NAMES.get(number % NAMES.size()), "1." + number + ".0");
        var filling = new byte[number % 3 == 0 ? 2 << 20 : 100];
        new Random(number).nextBytes(filling);
        var files = Map.of("package/filling.txt", HexFormat.of().formatHex(filling));
        sent.put(release, Sending.of(release.name(), release.version(), files));
        return release;
    }

    private void publish(Server server, Release release) throws IOException, InterruptedException {
        var answer = server.http.send(
                server.authorised(address(release.name()))
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(sent.get(release).body()))
                        .build(),
                BodyHandlers.ofString());
        assertTrue(answer.statusCode() == 201 || answer.statusCode() == 200, answer.body());
        acknowledged.add(release);
    }

    /** Sends again what was not answered. Returns how much of it was not there. */
    private int retryAll(Server server) throws Exception {
        int absent = 0;
        for (var release : sent.keySet()) {
            if (!acknowledged.contains(release)) {
                absent += versions(server, release.name()).has(release.version()) ? 0 : 1;
                publish(server, release);
            }
        }
        return absent;
    }

    private void checkAll(Server server) throws Exception {
        for (var name : NAMES) {
            var versions = versions(server, name);
            for (var release : sent.keySet()) {
                if (release.name().equals(name)) {
                    boolean there = versions.has(release.version());
                    assertTrue(
                            there || !acknowledged.contains(release), () -> release + " was acknowledged and is gone");
                    check(server, release, there);
                }
            }
            if (!versions.isEmpty()) {
                var latest = packument(server, name).at("/dist-tags/latest").asText();
                assertTrue(versions.has(latest), () -> name + " has the tag latest for " + latest);
            }
        }
    }

    /** The tarball by npm's address, and by both of nix'. */
    private void check(Server server, Release release, boolean there) throws Exception {
        var tarball = sent.get(release).tarball();
        var answer = get(server, address(release.name()) + "/-/" + release.tarball());
        assertEquals(there ? 200 : 404, answer.statusCode(), release::toString);
        if (there) {
            assertArrayEquals(tarball, answer.body(), release::toString);
        }
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var hash = NixHash.of(algorithm, algorithm.digest().digest(tarball));
            var path = new ContentAddress.Fixed(false, hash).storePath(release.tarball());
            var narInfo = get(server, "/main/" + path.hash() + ".narinfo");
            assertEquals(there ? 200 : 404, narInfo.statusCode(), path::toString);
            if (there) {
                var info = NarInfo.parse(new String(narInfo.body(), StandardCharsets.UTF_8));
                assertEquals(info.narHash(), LoadTest.download(server, info));
            }
        }
    }

    private JsonNode versions(Server server, String name) throws Exception {
        return packument(server, name).path("versions");
    }

    private JsonNode packument(Server server, String name) throws Exception {
        var answer = get(server, address(name));
        assertTrue(answer.statusCode() == 200 || answer.statusCode() == 404, () -> name + ": " + answer.statusCode());
        return json.readTree(answer.body());
    }

    private static HttpResponse<byte[]> get(Server server, String path) throws IOException, InterruptedException {
        return server.http.send(server.request(path).build(), BodyHandlers.ofByteArray());
    }

    private static String address(String name) {
        return "/registry/main/npm/" + name.replace("/", "%2f");
    }
}
