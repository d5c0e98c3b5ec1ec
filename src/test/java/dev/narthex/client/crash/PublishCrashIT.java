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
 * Kills the server at random moments while several clients publish versions of the same packages to npm and PyPI registries.
 * Afterwards a version is complete, for its own clients and for nix, or absent; acknowledged versions are present.
 */
class PublishCrashIT {
    private static final long SEED = 20_261_128;
    private static final int PUBLISHERS = 3;
    private static final int MAX_PUBLISHED_BEFORE_KILL = 20;

    /** Approximate time of a publish. */
    private static final int MAX_PUBLISH_MILLIS = 200;

    private static final String NPM = "/registry/main/npm/";
    private static final String PYPI = "/registry/main/pypi/";
    private static final List<String> NPM_NAMES = List.of("anchor", "@boat/keel");
    private static final String PYPI_PROJECT = "nx_rudder";

    private final ObjectMapper json = new ObjectMapper();
    private final Set<Version> sentVersions = ConcurrentHashMap.newKeySet();
    private final Set<Version> acknowledgedVersions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();

    /** @param file file name in the registry */
    private record Version(int number, String name, String file) {
        boolean isNpm() {
            return NPM_NAMES.contains(name);
        }

        String version() {
            return "1." + number + ".0";
        }

        /** Every 3rd version is too large to be stored in a row. */
        PublishRequestFixture npmRequest() {
            var content = new byte[number % 3 == 0 ? 2 << 20 : 100];
            new Random(number).nextBytes(content);
            return PublishRequestFixture.of(
                    name,
                    version(),
                    Map.of("package/filling.txt", HexFormat.of().formatHex(content)));
        }

        byte[] bytes() {
            return isNpm() ? npmRequest().tarball() : ArchiveFixture.wheel(name, version(), "");
        }

        HttpRequest request(Server server) throws IOException {
            return isNpm()
                    ? server.authorized(NPM + name.replace("/", "%2f"))
                            .header("Content-Type", "application/json")
                            .PUT(BodyPublishers.ofString(npmRequest().body()))
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
        int retried = 0;
        try {
            var server = Server.start(data, Server.SHORT_LIVED);
            try {
                for (int kill = 0; kill < kills; kill++) {
                    killWhilePublishing(server, random);
                    server = Server.start(data, Server.SHORT_LIVED);
                    checkAll(server);
                    retried += retryAll(server);
                    checkAll(server);
                    assertEquals(sentVersions, acknowledgedVersions);
                }
            } finally {
                server.close();
            }
            System.out.printf(
                    "publishing: %d kills, %d versions, %d of them without response and published by a retry%n",
                    kills, acknowledgedVersions.size(), retried);
            assertTrue(acknowledgedVersions.size() > kills, "nothing was published between the kills");
            for (var folder : List.of("store/tmp", "spool")) {
                try (var leftovers = Files.list(data.resolve(folder))) {
                    assertEquals(List.of(), leftovers.toList());
                }
            }
        } finally {
            DataFolders.delete(data);
        }
    }

    private void killWhilePublishing(Server server, Random random) throws Exception {
        var publishThread = Thread.ofVirtual().start(() -> publishUntilServerEnds(server));
        int target = acknowledgedVersions.size() + 1 + random.nextInt(MAX_PUBLISHED_BEFORE_KILL);
        Poll.until("enough versions are published", () -> acknowledgedVersions.size() >= target);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_PUBLISH_MILLIS));
        server.kill();
        publishThread.join();
    }

    private void publishUntilServerEnds(Server server) {
        try (var publishers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < PUBLISHERS; i++) {
                publishers.submit(() -> {
                    while (true) {
                        publish(server, nextVersion());
                    }
                });
            }
        }
    }

    private Version nextVersion() {
        int number = numbers.incrementAndGet();
        var name = number % 4 == 1 ? PYPI_PROJECT : NPM_NAMES.get(number % NPM_NAMES.size());
        var version = new Version(number, name, fileName(name, "1." + number + ".0"));
        sentVersions.add(version);
        return version;
    }

    private static String fileName(String name, String version) {
        return name.equals(PYPI_PROJECT)
                ? name + "-" + version + "-py3-none-any.whl"
                : name.substring(name.indexOf('/') + 1) + "-" + version + ".tgz";
    }

    private void publish(Server server, Version version) throws IOException, InterruptedException {
        var response = server.http.send(version.request(server), BodyHandlers.ofString());
        assertTrue(response.statusCode() == 201 || response.statusCode() == 200, response.body());
        acknowledgedVersions.add(version);
    }

    /** Repeats requests without a response. Returns the number of versions that were missing. */
    private int retryAll(Server server) throws Exception {
        int missing = 0;
        for (var version : sentVersions) {
            if (!acknowledgedVersions.contains(version)) {
                missing += listFiles(server, version.name()).containsKey(version.file()) ? 0 : 1;
                publish(server, version);
            }
        }
        return missing;
    }

    private void checkAll(Server server) throws Exception {
        var files = new HashMap<String, String>();
        for (var name : List.of(NPM_NAMES.getFirst(), NPM_NAMES.getLast(), PYPI_PROJECT)) {
            files.putAll(listFiles(server, name));
        }
        for (var version : sentVersions) {
            boolean present = files.containsKey(version.file());
            assertTrue(
                    present || !acknowledgedVersions.contains(version),
                    () -> version + " was acknowledged and is missing");
            check(server, version, present ? files.get(version.file()) : "");
        }
    }

    /** Requests the file by the URL of its registry, and by both store paths. */
    private static void check(Server server, Version version, String address) throws Exception {
        var bytes = version.bytes();
        boolean present = !address.isEmpty();
        if (present) {
            assertArrayEquals(bytes, get(server, address).body(), version::toString);
        } else if (version.isNpm()) {
            assertEquals(
                    404,
                    get(server, NPM + version.name() + "/-/" + version.file()).statusCode());
        }
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var hash = NixHash.of(algorithm, algorithm.newDigest().digest(bytes));
            var path = new ContentAddress.Fixed(false, hash).storePath(version.file());
            var narInfo = get(server, "/main/" + path.hash() + ".narinfo");
            assertEquals(present ? 200 : 404, narInfo.statusCode(), path::toString);
            if (present) {
                var info = NarInfo.parse(new String(narInfo.body(), StandardCharsets.UTF_8));
                assertEquals(info.narHash(), NarClient.download(server, info));
            }
        }
    }

    /** Returns the versions in the registry: URLs by file name. The latest version must be among them. */
    private Map<String, String> listFiles(Server server, String name) throws Exception {
        var files = new HashMap<String, String>();
        if (name.equals(PYPI_PROJECT)) {
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
            var file = fileName(name, version.path("version").asText());
            files.put(file, NPM + name + "/-/" + file);
        }
        var latest = packument.at("/dist-tags/latest").asText();
        assertTrue(
                files.isEmpty() || files.containsKey(fileName(name, latest)),
                () -> "latest of " + name + " is " + latest);
        return files;
    }

    private static HttpResponse<byte[]> get(Server server, String path) throws IOException, InterruptedException {
        return server.http.send(server.request(path).build(), BodyHandlers.ofByteArray());
    }
}
