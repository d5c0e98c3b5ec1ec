package dev.narthex.client;

import static dev.narthex.client.Shared.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.ecosystem.npm.Sending;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lock that real npm wrote becomes store paths, and real nix builds them: out of the cache, or from the registry. */
class LocksClientTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PACKAGES = 120;
    private static final String CACHE = "locks";

    private final Shared shared = Shared.instance();
    private final Server server = shared.server;

    @TempDir
    Path scratch;

    private Watched watched;

    @BeforeEach
    void watch() throws IOException {
        watched = new Watched(server);
    }

    @AfterEach
    void leave() {
        watched.close();
    }

    private HttpResponse<String> send(String method, String path, String type, byte[] body, String accept)
            throws IOException, InterruptedException {
        return server.http.send(
                server.authorised(path)
                        .header("Content-Type", type)
                        .header("Accept", accept)
                        .method(method, BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private void publish(int number, String version) throws IOException, InterruptedException {
        var name = name(number);
        var filling = new StringBuilder();
        new Random(number * 31L + version.hashCode()).ints(8000, '0', 'z').forEach(c -> filling.append((char) c));
        var sending = Sending.of(name, version, Map.of("package/filling.txt", filling.toString()));
        var answer = send(
                "PUT",
                "/registry/" + CACHE + "/npm/" + name.replace("/", "%2f"),
                "application/json",
                sending.body().getBytes(),
                "*/*");
        assertEquals(201, answer.statusCode(), answer.body());
    }

    /** The first is what all others need, and every tenth has a scope. */
    private static String name(int number) {
        return number == 0 ? "mast" : number % 10 == 0 ? "@ropes/rope-" + number : "rope-" + number;
    }

    private JsonNode lock(Programs npm) throws IOException, InterruptedException {
        npm.run("npm", "install", "--package-lock-only", "--no-audit", "--ignore-scripts")
                .succeeded();
        var answer = send(
                "POST",
                "/_api/v1/" + CACHE + "/locks/npm",
                "application/json",
                Files.readAllBytes(scratch.resolve("project/package-lock.json")),
                "application/json");
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private Programs project() throws IOException {
        var folder = Files.createDirectories(scratch.resolve("project"));
        NodeClient.NPM.configure(
                folder, server.uri("/registry/" + CACHE + "/npm/").toString());
        var needs = IntStream.range(0, PACKAGES)
                .mapToObj(i -> "\"%s\":\"^1.0.0\"".formatted(name(i)))
                .collect(Collectors.joining(","));
        Files.writeString(
                folder.resolve("package.json"),
                "{\"name\":\"ship\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{" + needs + "}}");
        return new Programs(folder);
    }

    private Programs nix() throws IOException {
        return CORPUS.nix(Files.createDirectories(scratch.resolve("nix")));
    }

    /** @param substituters may be empty: then everything is fetched */
    private Programs.Result build(Programs nix, Path store, String substituters, String... words) {
        var command = new ArrayList<>(List.of(
                "nix-build",
                "--store",
                store.toString(),
                "--no-out-link",
                "--option",
                "substituters",
                substituters,
                "--option",
                "require-sigs",
                "true",
                "--option",
                "trusted-public-keys",
                ""));
        command.addAll(Arrays.asList(words));
        return nix.run(command);
    }

    private Path expression(JsonNode answer, String name) throws IOException {
        return Files.writeString(scratch.resolve(name), answer.path("nix").asText());
    }

    private static List<String> paths(JsonNode answer) {
        return StreamSupport.stream(answer.path("entries").spliterator(), false)
                .map(entry -> entry.path("path").asText())
                .toList();
    }

    /** Body bytes that went to nix since the last time. */
    private long moved() {
        long bytes = watched.bytes();
        watched.forget();
        return bytes;
    }

    @Test
    void nixBuildsWhatALockNamesOutOfTheCache() throws Exception {
        var made = send(
                "POST",
                "/_api/v1/caches",
                "application/json",
                ("{\"name\":\"" + CACHE + "\",\"public\":true}").getBytes(),
                "*/*");
        assertEquals(201, made.statusCode(), made.body());
        for (int i = 0; i < PACKAGES; i++) {
            publish(i, "1.0.0");
        }
        var npm = project();
        var answer = lock(npm);
        assertEquals(PACKAGES, answer.path("entries").size());
        assertEquals("[]", answer.path("missing").toString());
        assertEquals("[]", answer.path("skipped").toString());

        var nix = nix();
        var store = scratch.resolve("store");
        var substituter = watched.uri("/" + CACHE).toString();
        // without a job of its own nix can build nothing: not by the builder that it has inside either
        var built = build(
                        nix,
                        store,
                        substituter,
                        expression(answer, "first.nix").toString(),
                        "-A",
                        "all",
                        "--max-jobs",
                        "0")
                .succeeded();
        assertEquals(
                new HashSet<>(paths(answer)), new HashSet<>(built.out().lines().toList()));
        assertEquals(
                PACKAGES,
                built.err()
                        .lines()
                        .filter(line -> line.startsWith("copying path"))
                        .count(),
                built.err());
        assertTrue(watched.asked().stream().noneMatch(asked -> asked.path().contains("/registry/")));
        for (var path : paths(answer)) {
            assertTrue(Files.size(Path.of(store + path)) > 5000, path);
        }
        watched.forget();

        publish(7, "1.1.0");
        Files.delete(scratch.resolve("project/package-lock.json"));
        var changed = lock(npm);
        var fresh = new HashSet<>(paths(changed));
        fresh.removeAll(paths(answer));
        assertEquals(1, fresh.size(), fresh.toString());
        build(nix, store, substituter, expression(changed, "second.nix").toString(), "-A", "all", "--max-jobs", "0")
                .succeeded();
        long one = moved();
        long all = asOneClosure(nix, answer, changed);
        assertTrue(one < all / 10, one + " of " + all);
        System.out.printf("locks: one dependency changed: %d bytes of %d%n", one, all);

        fetchedWithoutTheCache(nix, changed);
    }

    /** Seeded: whatever a lock calls its dependencies, nix reads these very names and nothing else. */
    @Test
    void nixReadsEveryKeyAsItIs() throws Exception {
        var random = new Random(7);
        var pieces = List.of(
                "${",
                "}",
                "\"",
                "\\",
                "$",
                "''",
                "\n",
                "\r",
                "\t",
                ";",
                "#",
                "/*",
                "=",
                " ",
                "a",
                "é",
                "\uD83D\uDE00",
                "\u0001",
                "\u007f",
                "\u2028",
                "\\n",
                "\\${",
                "$${",
                "builtins.abort \"x\"");
        var keys = new HashSet<String>();
        while (keys.size() < 400) {
            keys.add("node_modules/"
                    + random.ints(1 + random.nextInt(12), 0, pieces.size())
                            .mapToObj(pieces::get)
                            .collect(Collectors.joining()));
        }
        var lock = JSON.createObjectNode().put("lockfileVersion", 3);
        var packages = lock.putObject("packages");
        for (var key : keys) {
            packages.putObject(key)
                    .put("version", "1.0.0")
                    .put("resolved", "https://registry.example/" + key.replace("#", "") + "/x.tgz")
                    .put("integrity", "sha1-" + "A".repeat(27) + "=");
        }
        var answer =
                send("POST", "/_api/v1/main/locks/npm", "application/json", JSON.writeValueAsBytes(lock), "text/x-nix");
        assertEquals(200, answer.statusCode(), answer.body());
        var expression = Files.writeString(scratch.resolve("keys.nix"), answer.body());
        var read = nix().run(
                        "nix-instantiate",
                        "--store",
                        scratch.resolve("store").toString(),
                        "--eval",
                        "--strict",
                        "--json",
                        "-E",
                        "builtins.mapAttrs (key: file: file.url) (import " + expression + ").files")
                .succeeded();
        var told = JSON.readTree(read.out());
        var names = new HashSet<String>();
        told.fieldNames().forEachRemaining(names::add);
        assertEquals(keys, names);
        // all are the same file, so it stands there once, with the address of the first
        var first = packages.elements().next().path("resolved");
        told.forEach(url -> assertEquals(first, url));
    }

    /** The other way to keep the files of a lock: one path with all of them, which is another one after every change. */
    private long asOneClosure(Programs nix, JsonNode before, JsonNode after) throws IOException {
        var store = scratch.resolve("giant");
        for (var each : List.of(before, after)) {
            var folder = Files.createDirectories(
                    scratch.resolve("all" + (each == before ? "before" : "after") + "/npm-deps"));
            for (var path : paths(each)) {
                Files.copy(Path.of(scratch.resolve("store") + path), folder.resolve(path.substring(11)));
            }
            var giant = nix.run(
                            "nix",
                            "store",
                            "add",
                            "--store",
                            scratch.resolve("builder").toString(),
                            folder.toString())
                    .succeeded()
                    .out()
                    .strip();
            nix.run(
                            "nix",
                            "copy",
                            "--option",
                            "netrc-file",
                            shared.netrc.toString(),
                            "--from",
                            scratch.resolve("builder").toString(),
                            "--to",
                            server.uri("/" + CACHE) + "?compression=zstd",
                            giant)
                    .succeeded();
            watched.forget();
            nix.run(
                            "nix-store",
                            "--store",
                            store.toString(),
                            "--option",
                            "substituters",
                            watched.uri("/" + CACHE).toString(),
                            "--option",
                            "require-sigs",
                            "false",
                            "--realise",
                            giant)
                    .succeeded();
        }
        return moved();
    }

    /** The same paths come from the addresses in the expression when no cache is asked. */
    private void fetchedWithoutTheCache(Programs nix, JsonNode answer) throws IOException {
        var key = "node_modules/" + name(10);
        var wanted = StreamSupport.stream(answer.path("entries").spliterator(), false)
                .filter(entry -> entry.path("key").asText().equals(key))
                .findFirst()
                .orElseThrow();
        var fetched = build(
                        nix,
                        scratch.resolve("fetched"),
                        "",
                        "-E",
                        "(import " + expression(answer, "third.nix") + ").files.\"" + key + "\"")
                .succeeded();
        assertEquals(wanted.path("path").asText(), fetched.out().strip());
        assertTrue(fetched.err().contains("building '"), fetched.err());
    }
}
