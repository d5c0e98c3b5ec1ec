package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.RandomSeed;
import dev.narthex.client.support.Server;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.ecosystem.pypi.UploadFormFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
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
 * Kills the server at random moments while several publish versions of the same packages, to npm's registry and to PyPI's.
 * A version is there as a whole afterwards, for its own clients and for nix, or it is not at all; what was acknowledged is
 * there.
 */
class PublishCrashIT {
    private static final long SEED = 20_261_128;
    private static final int PUBLISHERS = 3;
    private static final int MAX_BEFORE_A_KILL = 20;

    /** In milliseconds, about. */
    private static final int MAX_PUBLISH_MILLIS = 200;

    private static final String NPM = "/registry/main/npm/";
    private static final String PYPI = "/registry/main/pypi/";
    private static final List<String> NAMES = List.of("anchor", "@boat/keel");
    private static final String PROJECT = "nx_rudder";

    private final ObjectMapper json = new ObjectMapper();
    private final Set<Version> sent = ConcurrentHashMap.newKeySet();
    private final Set<Version> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger next = new AtomicInteger();

    /** @param file name of it */
    private record Version(int number, String name, String file) {
        boolean npm() {
            return NAMES.contains(name);
        }

        String version() {
            return "1." + number + ".0";
        }

        /** Every third is so large that it does not stay in its row. */
        PublishRequestFixture npms() {
            var filling = new byte[number % 3 == 0 ? 2 << 20 : 100];
            new Random(number).nextBytes(filling);
            return PublishRequestFixture.of(
                    name,
                    version(),
                    Map.of("package/filling.txt", HexFormat.of().formatHex(filling)));
        }

        byte[] bytes() {
            return npm() ? npms().tarball() : ArchiveFixture.wheel(name, version(), "");
        }

        HttpRequest request(Server server) throws IOException {
            return npm()
                    ? server.authorized(NPM + name.replace("/", "%2f"))
                            .header("Content-Type", "application/json")
                            .PUT(BodyPublishers.ofString(npms().body()))
                            .build()
                    : server.authorized(PYPI + "legacy/")
                            .header("Content-Type", "multipart/form-data; boundary=" + UploadFormFixture.BOUNDARY)
                            .POST(BodyPublishers.ofByteArray(
                                    UploadFormFixture.wheel(name, version()).body()))
                            .build();
        }
    }

    @Test
    void killLeavesNoPartialVersion() throws Exception {
        killSeries(1, RandomSeed.random("PublishCrashTest"));
    }

    @Test
    @Tag("long")
    void twentyKillsLeaveNoPartialVersion() throws Exception {
        killSeries(20, new Random(SEED));
    }

    private void killSeries(int kills, Random random) throws Exception {
        var data = Server.folder();
        int halfway = 0;
        try {
            var server = Server.start(data, Server.SHORT_LIVED);
            try {
                for (int kill = 0; kill < kills; kill++) {
                    killWhilePublishing(server, random);
                    server = Server.start(data, Server.SHORT_LIVED);
                    checkAll(server);
                    halfway += retryAll(server);
                    checkAll(server);
                    assertEquals(sent, acknowledged);
                }
            } finally {
                server.close();
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
            DataFolders.delete(data);
        }
    }

    private void killWhilePublishing(Server server, Random random) throws Exception {
        var publishing = Thread.ofVirtual().start(() -> publishUntilItEnds(server));
        int enough = acknowledged.size() + 1 + random.nextInt(MAX_BEFORE_A_KILL);
        Poll.until("enough is published", () -> acknowledged.size() >= enough);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_PUBLISH_MILLIS));
        server.kill();
        publishing.join();
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

    private Version make() {
        int number = next.incrementAndGet();
        var name = number % 4 == 1 ? PROJECT : NAMES.get(number % NAMES.size());
        var version = new Version(number, name, file(name, "1." + number + ".0"));
        sent.add(version);
        return version;
    }

    private static String file(String name, String version) {
        return name.equals(PROJECT)
                ? name + "-" + version + "-py3-none-any.whl"
                : name.substring(name.indexOf('/') + 1) + "-" + version + ".tgz";
    }

    private void publish(Server server, Version version) throws IOException, InterruptedException {
        var answer = server.http.send(version.request(server), BodyHandlers.ofString());
        assertTrue(answer.statusCode() == 201 || answer.statusCode() == 200, answer.body());
        acknowledged.add(version);
    }

    /** Sends again what was not answered. Returns how much of it was not there. */
    private int retryAll(Server server) throws Exception {
        int absent = 0;
        for (var version : sent) {
            if (!acknowledged.contains(version)) {
                absent += files(server, version.name()).containsKey(version.file()) ? 0 : 1;
                publish(server, version);
            }
        }
        return absent;
    }

    private void checkAll(Server server) throws Exception {
        var files = new HashMap<String, String>();
        for (var name : List.of(NAMES.getFirst(), NAMES.getLast(), PROJECT)) {
            files.putAll(files(server, name));
        }
        for (var version : sent) {
            boolean there = files.containsKey(version.file());
            assertTrue(there || !acknowledged.contains(version), () -> version + " was acknowledged and is gone");
            check(server, version, there ? files.get(version.file()) : "");
        }
    }

    /** The file by its clients' address, and by both of nix'. */
    private static void check(Server server, Version version, String address) throws Exception {
        var bytes = version.bytes();
        boolean there = !address.isEmpty();
        if (there) {
            assertArrayEquals(bytes, get(server, address).body(), version::toString);
        } else if (version.npm()) {
            assertEquals(
                    404,
                    get(server, NPM + version.name() + "/-/" + version.file()).statusCode());
        }
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var hash = NixHash.of(algorithm, algorithm.newDigest().digest(bytes));
            var path = new ContentAddress.Fixed(false, hash).storePath(version.file());
            var narInfo = get(server, "/main/" + path.hash() + ".narinfo");
            assertEquals(there ? 200 : 404, narInfo.statusCode(), path::toString);
            if (there) {
                var info = NarInfo.parse(new String(narInfo.body(), StandardCharsets.UTF_8));
                assertEquals(info.narHash(), NarClient.download(server, info));
            }
        }
    }

    /** The registry's list of versions: addresses by file name. The latest version must be among them. */
    private Map<String, String> files(Server server, String name) throws Exception {
        var files = new HashMap<String, String>();
        if (name.equals(PROJECT)) {
            var simple = PYPI + "simple/" + name.replace('_', '-') + "/";
            var index = server.http.send(
                    server.request(simple)
                            .header("Accept", "application/vnd.pypi.simple.v1+json")
                            .build(),
                    BodyHandlers.ofByteArray());
            for (var file : json.readTree(index.body()).path("files")) {
                var url = server.uri(simple).resolve(file.path("url").asText());
                files.put(file.path("filename").asText(), url.getRawPath());
            }
            return files;
        }
        var packument =
                json.readTree(get(server, NPM + name.replace("/", "%2f")).body());
        for (var version : packument.path("versions")) {
            var file = file(name, version.path("version").asText());
            files.put(file, NPM + name + "/-/" + file);
        }
        var latest = packument.at("/dist-tags/latest").asText();
        assertTrue(
                files.isEmpty() || files.containsKey(file(name, latest)), () -> "latest of " + name + " is " + latest);
        return files;
    }

    private static HttpResponse<byte[]> get(Server server, String path) throws IOException, InterruptedException {
        return server.http.send(server.request(path).build(), BodyHandlers.ofByteArray());
    }
}
