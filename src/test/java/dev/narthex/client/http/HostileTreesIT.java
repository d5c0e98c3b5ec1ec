package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.support.HostileTreesFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pushes each hostile tree into its own cache of a running server with a small heap. Pages and registries report what {@link
 * HostileTreesFixture} states, no request and no job fails, and the valid package beside it is offered.
 */
class HostileTreesIT {
    private static final List<HostileTreesFixture.Row> TRAPS = HostileTreesFixture.all();

    /** Quick tests use one tree per reason of refusal, identified by its last characters. */
    private static final int END_OF_REASON = 24;

    private static final String OFFERED = " offered";
    private static final String JOBS = "select count(*) from scheduled_tasks where task_instance <> 'recurring'";
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Server server;

    @BeforeAll
    static void push() throws Exception {
        server = Server.start(Server.folder(), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        push(traps());
    }

    private static void push(IntStream traps) throws Exception {
        try (var rows = new ServerDatabase(server)) {
            for (int trap : traps.toArray()) {
                rows.cache(cache(trap), true);
                push(cache(trap), TRAPS.get(trap).tree());
            }
            long pushed = System.nanoTime();
            while (rows.number(JOBS) > 0) {
                assertTrue(System.nanoTime() - pushed < LIMIT_NANOS, "jobs are left: " + server.log());
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        DataFolders.delete(server.data());
    }

    private static String cache(int trap) {
        return "trap-" + trap;
    }

    private static void push(String cache, NarCandidate tree) throws IOException, InterruptedException {
        var info = new LinkedHashMap<String, String>();
        info.put("StorePath", tree.path().toString());
        info.put("URL", "nar/" + SmallNar.fileName(tree.nar()));
        info.put("Compression", "none");
        info.put("NarHash", NixHash.sha256(tree.nar()).toString());
        info.put("NarSize", Integer.toString(tree.nar().length));
        info.put("References", String.join(" ", tree.references()));
        put(cache + "/" + info.get("URL"), tree.nar());
        put(cache + "/" + tree.path().hash() + ".narinfo", SmallNar.text(info).getBytes(StandardCharsets.UTF_8));
    }

    private static void put(String target, byte[] body) throws IOException, InterruptedException {
        var answer = server.http.send(
                server.authorized("/" + target)
                        .PUT(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
        assertTrue(answer.statusCode() <= 201, target + ": " + answer.body());
    }

    /** All trees whose packages are offered, and one for each reason of refusal. */
    static IntStream traps() {
        var reasons = new HashSet<String>();
        return IntStream.range(0, TRAPS.size()).filter(trap -> {
            var refused = TRAPS.get(trap).told().stream()
                    .filter(told -> !told.endsWith(OFFERED))
                    .map(told -> told.substring(Math.max(0, told.length() - END_OF_REASON)))
                    .toList();
            return refused.isEmpty() || reasons.addAll(refused);
        });
    }

    /** HostileTreesTest covers these, too. */
    static IntStream others() {
        var quick = traps().boxed().collect(Collectors.toSet());
        return IntStream.range(0, TRAPS.size()).filter(trap -> !quick.contains(trap));
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("others")
    void otherPackagesAreServed(int trap) throws Exception {
        push(IntStream.of(trap));
        hostileTreeIsReported(trap);
        noJobFailed();
    }

    @ParameterizedTest
    @MethodSource("traps")
    void hostileTreeIsReported(int trap) throws Exception {
        var row = TRAPS.get(trap);
        var cache = cache(trap);
        var path = "/" + cache + "/path/" + NarCandidate.HASH;
        assertEquals(200, status(path, "text/html"), row.trap());
        var told = new TreeSet<String>();
        for (var each : json("/api" + path).path("notListed")) {
            told.add(each.path("ecosystem").path("id").asText() + " "
                    + each.path("name").asText() + " " + each.path("version").asText() + ": "
                    + each.path("reason").asText());
        }
        for (var ecosystem : List.of("npm", "pypi")) {
            for (var hit : json("/api/" + cache + "/" + ecosystem).path("hits")) {
                var name = hit.path("name").asText();
                told.add(ecosystem + " " + name + " " + hit.path("version").asText() + OFFERED);
                var release = "@" + hit.path("version").asText();
                // the package beside the tree is the same everywhere, so its pages are checked once
                boolean beside = name.equals("wick") && trap > 0;
                for (var tab : beside ? List.<String>of() : List.of("", release, release + "/dependencies")) {
                    assertEquals(
                            200, status("/" + cache + "/" + ecosystem + "/" + name + tab, "text/html"), row.trap());
                }
                fetch(cache, ecosystem, name);
            }
        }
        assertEquals(String.join("\n", new TreeSet<>(row.told())), String.join("\n", told), row.trap());
    }

    /** Requests like a client: the document in both formats, and the file that it links to. */
    private static void fetch(String cache, String ecosystem, String name) throws Exception {
        var files = new ArrayList<String>();
        if (ecosystem.equals("npm")) {
            var document = "/registry/" + cache + "/npm/" + name;
            assertEquals(200, status(document, "application/vnd.npm.install-v1+json"), document);
            json(document)
                    .path("versions")
                    .forEach(v -> files.add(v.path("dist").path("tarball").asText()));
        } else {
            var page = "/registry/" + cache + "/pypi/simple/" + name + "/";
            json(page).path("files").forEach(file -> {
                var url = server.uri(page).resolve(file.path("url").asText()).toString();
                files.addAll(List.of(url, url + ".metadata"));
            });
        }
        assertFalse(files.isEmpty(), name);
        for (var file : files) {
            assertEquals(200, status(file.substring(file.indexOf("/registry/")), "*/*"), file);
        }
    }

    private static int status(String path, String accept) throws IOException, InterruptedException {
        var request = server.request(path).header("Accept", accept).build();
        return server.http.send(request, BodyHandlers.discarding()).statusCode();
    }

    private static JsonNode json(String path) throws IOException, InterruptedException {
        var request = server.request(path)
                .header("Accept", "application/vnd.pypi.simple.v1+json, application/json")
                .build();
        var answer = server.http.send(request, BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), path + ": " + answer.body());
        return JSON.readTree(answer.body());
    }

    @Test
    void noJobFailed() throws IOException {
        var wrong = server.log()
                .lines()
                .filter(line -> line.contains(" ERROR ") || line.contains("job ") && line.contains("failed"))
                .toList();
        assertEquals(List.of(), wrong);
    }
}
