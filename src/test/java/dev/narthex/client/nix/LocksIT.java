package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.NodeClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.RecordingProxy;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedServer;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
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
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Locks that real clients wrote become store paths, and real nix builds them: out of the cache, or from the registry. Those of
 * Python name several files of a package: all that are here are built.
 */
class LocksIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PACKAGES = 40;
    private static final String CACHE = "locks";

    private final SharedServer shared = SharedServer.instance();
    private final Server server = shared.server;

    @TempDir
    Path scratch;

    private RecordingProxy watched;

    @BeforeEach
    void watch() throws IOException {
        watched = new RecordingProxy(server);
    }

    @AfterEach
    void leave() {
        watched.close();
    }

    private HttpResponse<String> send(String method, String path, String type, byte[] body, String accept)
            throws IOException, InterruptedException {
        return server.http.send(
                server.authorized(path)
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
        var sending = PublishRequestFixture.of(name, version, Map.of("package/filling.txt", filling.toString()));
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

    private JsonNode lock(ProgramRunner npm) throws IOException, InterruptedException {
        npm.run("npm", "install", "--package-lock-only", "--no-audit", "--ignore-scripts")
                .succeeded();
        return answered(CACHE + "/locks/npm", scratch.resolve("project/package-lock.json"));
    }

    private JsonNode answered(String locks, Path lock) throws IOException, InterruptedException {
        var answer = send(
                "POST", "/_api/v1/" + locks, "application/octet-stream", Files.readAllBytes(lock), "application/json");
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private ProgramRunner project() throws IOException {
        var folder = Files.createDirectories(scratch.resolve("project"));
        NodeClient.NPM.configure(
                folder, server.uri("/registry/" + CACHE + "/npm/").toString());
        var needs = IntStream.range(0, PACKAGES)
                .mapToObj(i -> "\"%s\":\"^1.0.0\"".formatted(name(i)))
                .collect(Collectors.joining(","));
        Files.writeString(
                folder.resolve("package.json"),
                "{\"name\":\"ship\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{" + needs + "}}");
        return new ProgramRunner(folder);
    }

    private ProgramRunner nix() throws IOException {
        return CORPUS.nix(Files.createDirectories(scratch.resolve("nix")));
    }

    /** @param substituters may be empty: then everything is fetched */
    private ProgramRunner.Result build(ProgramRunner nix, Path store, String substituters, String... words) {
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

    private void cache(String name) throws IOException, InterruptedException {
        var made = send(
                "POST",
                "/_api/v1/caches",
                "application/json",
                ("{\"name\":\"" + name + "\",\"public\":true}").getBytes(),
                "*/*");
        assertEquals(201, made.statusCode(), made.body());
    }

    @Test
    void nixBuildsWhatALockNamesOutOfTheCache() throws Exception {
        cache(CACHE);
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
        // without its own job nix can build nothing: not by the builder that it has inside either
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
    private long asOneClosure(ProgramRunner nix, JsonNode before, JsonNode after) throws IOException {
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
    private void fetchedWithoutTheCache(ProgramRunner nix, JsonNode answer) throws IOException {
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

    // ── Python ──

    private static final String WHEELHOUSE = "lock-wheels";
    private static final String SIMPLE = "/registry/" + WHEELHOUSE + "/pypi/simple/";

    /** Two packages, one with a wheel and what that was built of, and one with wheels for two platforms. */
    private static Map<String, byte[]> distributions() {
        var files = new TreeMap<String, byte[]>();
        files.put(
                "nx_ship-1.0-py3-none-any.whl", ArchiveFixture.wheel("nx_ship", "1.0", "Requires-Dist: nx-rope>=1\n"));
        files.put(
                "nx_ship-1.0.tar.gz",
                ArchiveFixture.tgz(
                        Map.of("nx_ship-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: nx-ship\nVersion: 1.0\n")));
        for (var tags : List.of("py3-none-any", "cp313-cp313-win_amd64")) {
            files.put(
                    "nx_rope-1.1-" + tags + ".whl",
                    ArchiveFixture.wheel("nx_rope", "1.1", "", Map.of("nx_rope/tags.txt", tags)));
        }
        return files;
    }

    /** Puts them into the cache as what a fetcher made of them. Returns their paths by name. */
    private Map<String, String> pushed(ProgramRunner nix, Map<String, byte[]> files) throws Exception {
        var builder = scratch.resolve("fetcher").toString();
        var paths = new TreeMap<String, String>();
        for (var file : files.entrySet()) {
            var path = Files.write(scratch.resolve(file.getKey()), file.getValue());
            paths.put(
                    file.getKey(),
                    nix.run("nix-store", "--store", builder, "--add-fixed", "sha256", path.toString())
                            .succeeded()
                            .out()
                            .strip());
        }
        var copy = new ArrayList<>(List.of("nix", "copy", "--option", "netrc-file", shared.netrc.toString()));
        copy.addAll(
                List.of("--from", builder, "--to", server.uri("/" + WHEELHOUSE).toString()));
        copy.addAll(paths.values());
        nix.run(copy).succeeded();
        Poll.until("they are offered", () -> {
            var page = send("GET", SIMPLE + "nx-rope/", "*/*", new byte[0], "text/html")
                    .body();
            var other = send("GET", SIMPLE + "nx-ship/", "*/*", new byte[0], "text/html")
                    .body();
            return files.keySet().stream().allMatch(name -> (page + other).contains(name));
        });
        return paths;
    }

    private ProgramRunner python(Path folder) {
        return new ProgramRunner(folder)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
                .with("POETRY_CACHE_DIR", folder.resolve("poetry").toString())
                .with("PDM_CHECK_UPDATE", "0")
                .with("PDM_CACHE_DIR", folder.resolve("pdm").toString());
    }

    private Path lockOfPoetry() throws IOException {
        var folder = Files.createDirectories(scratch.resolve("poetry"));
        Files.writeString(folder.resolve("pyproject.toml"), """
                [tool.poetry]
                package-mode = false
                [tool.poetry.dependencies]
                python = ">=3.11,<4"
                nx-ship = "*"
                [[tool.poetry.source]]
                name = "narthex"
                url = "%s"
                priority = "primary"
                """.formatted(server.uri(SIMPLE)));
        python(folder).run("poetry", "lock", "-n").succeeded();
        return folder.resolve("poetry.lock");
    }

    /** The lock, and the requirements made of it. */
    private List<Path> locksOfPdm() throws IOException {
        var folder = Files.createDirectories(scratch.resolve("pdm"));
        Files.writeString(folder.resolve("pyproject.toml"), """
                [project]
                name = "consumer"
                version = "0.1.0"
                requires-python = ">=3.11,<4"
                dependencies = ["nx-ship"]
                [tool.pdm]
                distribution = false
                [[tool.pdm.source]]
                name = "pypi"
                url = "%s"
                verify_ssl = false
                """.formatted(server.uri(SIMPLE)));
        var pdm = python(folder);
        pdm.run("pdm", "use", "-f", "/usr/bin/python3").succeeded();
        pdm.run("pdm", "lock").succeeded();
        pdm.run("pdm", "export", "-o", "requirements.txt").succeeded();
        return List.of(folder.resolve("pdm.lock"), folder.resolve("requirements.txt"));
    }

    /** What pip downloads, each with the hash that pip computes. */
    private Path requirementsOfPip() throws IOException {
        var folder = Files.createDirectories(scratch.resolve("pip"));
        var pip = python(folder);
        pip.run(
                        "/usr/bin/python3",
                        "-m",
                        "pip",
                        "download",
                        "--index-url",
                        server.uri(SIMPLE).toString(),
                        "nx-ship")
                .succeeded();
        var pins = List.of("nx_ship==1.0", "nx_rope==1.1");
        var command = new ArrayList<>(List.of("/usr/bin/python3", "-m", "pip", "hash"));
        pins.forEach(pin -> command.add(pin.replace("==", "-") + "-py3-none-any.whl"));
        var hashes = pip.run(command)
                .succeeded()
                .out()
                .lines()
                .filter(line -> line.startsWith("--hash"))
                .toList();
        assertEquals(pins.size(), hashes.size(), hashes.toString());
        var lines = new StringBuilder();
        for (int i = 0; i < pins.size(); i++) {
            lines.append(pins.get(i)).append(' ').append(hashes.get(i)).append('\n');
        }
        return Files.writeString(folder.resolve("requirements.txt"), lines);
    }

    @Test
    void nixBuildsWhatLocksOfPythonNameOutOfTheCache() throws Exception {
        cache(WHEELHOUSE);
        var nix = nix();
        var paths = pushed(nix, distributions());
        var all = new ArrayList<Path>();
        all.add(lockOfPoetry());
        all.addAll(locksOfPdm());
        for (var lock : all) {
            assertBuilt(nix, lock, paths);
        }
        var wheels = new TreeMap<>(paths);
        wheels.keySet().removeIf(name -> !name.endsWith("-py3-none-any.whl"));
        var pip = requirementsOfPip();
        var answer = assertBuilt(nix, pip, wheels);
        installed(pip, wheels);
        var fetched = build(
                        nix,
                        scratch.resolve("fetched"),
                        "",
                        "-E",
                        "(import " + expression(answer, "fetch.nix") + ").files.\"nx_ship-1.0-py3-none-any.whl\"")
                .succeeded();
        assertEquals(paths.get("nx_ship-1.0-py3-none-any.whl"), fetched.out().strip());
        assertTrue(fetched.err().contains("building '"), fetched.err());
    }

    /** Each in its own store, from the cache alone, wheels first. */
    private JsonNode assertBuilt(ProgramRunner nix, Path lock, Map<String, String> paths) throws Exception {
        var answer = answered(WHEELHOUSE + "/locks/pypi", lock);
        assertEquals("[]", answer.path("missing").toString(), lock.toString());
        var told = new TreeMap<String, String>();
        answer.path("entries")
                .forEach(entry ->
                        told.put(entry.path("key").asText(), entry.path("path").asText()));
        assertEquals(paths, told, lock.toString());
        watched.forget();
        var expression = expression(answer, lock.getParent().getFileName() + "-" + lock.getFileName() + ".nix");
        var store = scratch.resolve("store-" + expression.getFileName());
        var built = build(
                        nix,
                        store,
                        watched.uri("/" + WHEELHOUSE).toString(),
                        expression.toString(),
                        "-A",
                        "all",
                        "--max-jobs",
                        "0")
                .succeeded();
        assertEquals(
                new HashSet<>(paths.values()), new HashSet<>(built.out().lines().toList()));
        assertTrue(watched.asked().stream().noneMatch(asked -> asked.path().contains("/registry/")));
        for (var path : paths.values()) {
            assertTrue(Files.size(Path.of(store + path)) > 100, path);
        }
        return answer;
    }

    /** The files by their keys are what pip installs from without any index. */
    private void installed(Path requirements, Map<String, String> wheels) throws IOException {
        var links = Files.createDirectories(scratch.resolve("links"));
        var store = scratch.resolve("store-pip-requirements.txt.nix");
        for (var wheel : wheels.entrySet()) {
            Files.createSymbolicLink(links.resolve(wheel.getKey()), Path.of(store + wheel.getValue()));
        }
        python(scratch)
                .run(
                        "/usr/bin/python3",
                        "-m",
                        "pip",
                        "install",
                        "--no-index",
                        "--find-links",
                        links.toString(),
                        "--require-hashes",
                        "--target",
                        scratch.resolve("installed").toString(),
                        "-r",
                        requirements.toString())
                .succeeded();
        assertTrue(Files.isDirectory(scratch.resolve("installed/nx_rope")));
    }
}
