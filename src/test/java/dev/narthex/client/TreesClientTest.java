package dev.narthex.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.Corpus.Item;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real npm and pip against a cache into which nix pushed nothing but trees: no tarball, no wheel. What they install was made
 * by the server.
 */
class TreesClientTest {
    private static final Corpus CORPUS = Corpus.open();
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final Path GOLDEN = Path.of("src/test/resources/golden/trees/refused.txt");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Path data;
    private static Server server;

    /** Each path that is offered or not, after its job ran. */
    private static final Set<Item> OFFERED = new HashSet<>();

    @TempDir
    Path scratch;

    private Programs programs;

    @BeforeAll
    static void push() throws Exception {
        data = Server.folder();
        server = Server.start(data);
        var netrc = data.resolve("netrc");
        var token = Files.readString(data.resolve("admin-token")).strip();
        Files.writeString(netrc, "machine 127.0.0.1 login token password " + token + "\n");
        var command = new ArrayList<>(List.of(
                "nix",
                "copy",
                "--option",
                "netrc-file",
                netrc.toString(),
                "--from",
                CORPUS.store(),
                "--to",
                server.uri("/main?compression=zstd").toString()));
        trees().forEach(item -> command.add(item.path()));
        var nix = Files.createTempDirectory("narthex-trees");
        CORPUS.nix(nix).run(command).succeeded();
        LoadTest.deleteTree(nix);
        long pushed = System.nanoTime();
        for (var item : trees().toList()) {
            while (!judged(item)) {
                assertTrue(System.nanoTime() - pushed < LIMIT_NANOS, item + " is neither offered nor refused");
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        LoadTest.deleteTree(data);
    }

    private static Stream<Item> trees() {
        return CORPUS.items().stream()
                .filter(i -> i.kind().equals("package") && i.output().equals("out"))
                .filter(i -> i.ecosystem().equals("npm") || i.ecosystem().equals("pypi"));
    }

    private static Stream<Item> offered(String ecosystem) {
        return trees().filter(item -> item.ecosystem().equals(ecosystem) && OFFERED.contains(item));
    }

    private static boolean judged(Item item) throws IOException, InterruptedException {
        var release = "/api/main/" + item.ecosystem() + "/" + item.packageName() + "@" + item.version();
        if (server.http
                        .send(server.request(release).build(), BodyHandlers.discarding())
                        .statusCode()
                == 200) {
            OFFERED.add(item);
            return true;
        }
        return !twin(item).path("notListed").isEmpty();
    }

    private static JsonNode twin(Item item) throws IOException, InterruptedException {
        var answer =
                server.http.send(server.request("/api/main/path/" + item.hash()).build(), BodyHandlers.ofString());
        return JSON.readTree(answer.body());
    }

    @BeforeEach
    void clients() throws IOException {
        programs = new Programs(scratch)
                .with("npm_config_registry", server.uri("/registry/main/npm/").toString())
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("npm_config_fund", "false")
                .with("npm_config_audit", "false")
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_INDEX_URL", server.uri("/registry/main/pypi/simple/").toString());
        Files.writeString(
                scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
    }

    /** Whoever changes what is refused looks at this list. */
    @Test
    void whatIsNotOfferedIsOnTheList() throws Exception {
        var refused = new TreeSet<String>();
        for (var item : trees().toList()) {
            for (var each : twin(item).path("notListed")) {
                refused.add(item.ecosystem() + " " + each.path("name").asText() + ": "
                        + each.path("reason").asText());
            }
        }
        var names =
                trees().map(item -> item.ecosystem() + " " + item.packageName()).collect(Collectors.toSet());
        var golden = Files.readAllLines(GOLDEN).stream()
                .filter(line ->
                        names.contains(line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT)))
                .toList();
        assertEquals(golden, List.copyOf(refused));
    }

    @Test
    void everyOtherTreeIsOffered() throws Exception {
        for (var item : trees().toList()) {
            assertEquals(OFFERED.contains(item), twin(item).path("notListed").isEmpty(), item.name());
        }
        assertTrue(offered("npm").count() >= 4);
        assertTrue(offered("pypi").count() >= 1);
    }

    @Test
    void npmGetsTheFilesOfTheTreeAndNothingElse() throws IOException {
        for (var item : offered("npm").toList()) {
            var file = programs.run("npm", "pack", "--silent", item.packageName() + "@" + item.version())
                    .succeeded()
                    .out()
                    .strip();
            var unpacked = Files.createDirectories(scratch.resolve("unpacked/" + item.hash()));
            programs.run("tar", "-xzf", file, "-C", unpacked.toString(), "--no-same-owner")
                    .succeeded();
            programs.run(
                            "diff",
                            "-r",
                            "--exclude=node_modules",
                            CORPUS.store() + item.path() + "/lib/node_modules/" + item.packageName(),
                            unpacked.resolve("package").toString())
                    .succeeded();
        }
    }

    @Test
    void npmInstallsEachThatNeedsNoOtherAndOneThatDoes() throws IOException {
        for (var item : offered("npm").toList()) {
            var json = JSON.readTree(
                    Path.of(CORPUS.store() + item.path(), "lib/node_modules", item.packageName(), "package.json")
                            .toFile());
            if (json.path("dependencies").isEmpty()) {
                programs.run("npm", "install", "--no-save", item.packageName() + "@" + item.version())
                        .succeeded();
                var installed = scratch.resolve("node_modules/" + item.packageName() + "/package.json");
                assertEquals(
                        item.version(),
                        JSON.readTree(installed.toFile()).path("version").asText());
            }
        }
        programs.run("npm", "install", "--no-save", "debug", "lodash").succeeded();
        programs.run("node", "-e", "require('debug')('x')('y'); require('lodash').chunk([1])")
                .succeeded();
    }

    @Test
    void itsCommandRuns() {
        programs.run("npm", "install", "--no-save", "semver").succeeded();
        var picked = programs.run("node_modules/.bin/semver", "-r", ">1.0.0", "1.2.3", "0.9.0")
                .succeeded();
        assertEquals("1.2.3", picked.out().strip());
    }

    @Test
    void pipInstallsEachAndFindsAllItsFiles() {
        var lib = scratch.resolve("lib").toString();
        for (var item : offered("pypi").toList()) {
            programs.run(
                            "/usr/bin/python3",
                            "-m",
                            "pip",
                            "install",
                            "--no-deps",
                            "--target",
                            lib,
                            item.packageName() + "==" + item.version())
                    .succeeded();
            var said = new Programs(scratch).with("PYTHONPATH", lib).run("/usr/bin/python3", "-c", """
                            import importlib.metadata as m
                            files = m.files('%s')
                            assert all(f.locate().exists() for f in files if 'bin/' not in str(f)), files
                            print(m.version('%s'))""".formatted(
                            item.packageName(), item.packageName()));
            assertEquals(item.version(), said.succeeded().out().strip());
        }
        var six = new Programs(scratch)
                .with("PYTHONPATH", lib)
                .run("/usr/bin/python3", "-c", "import six; print(six.__file__)");
        assertTrue(six.succeeded().out().startsWith(lib));
    }

    @Test
    void nixFetchesWhatWasMadeWithoutASignature() throws Exception {
        var item = offered("npm").findFirst().orElseThrow();
        var page = server.http.send(
                server.request("/registry/main/npm/" + item.packageName()).build(), BodyHandlers.ofString());
        var dist =
                JSON.readTree(page.body()).path("versions").path(item.version()).path("dist");
        var hash = NixHash.parse(dist.path("integrity").asText());
        var base = dist.path("tarball").asText().replaceFirst(".*/", "");
        var path = new ContentAddress.Fixed(false, hash).storePath(base);
        var store = scratch.resolve("store").toString();
        var copied = CORPUS.nix(scratch)
                .run(
                        "nix",
                        "copy",
                        "--from",
                        server.uri("/main").toString(),
                        "--to",
                        store,
                        "--option",
                        "require-sigs",
                        "true",
                        "--option",
                        "trusted-public-keys",
                        "",
                        path.toString());
        copied.succeeded();
        assertFalse(Files.isDirectory(Path.of(store + path)));
        assertEquals(
                hash,
                new NixHash(
                        hash.algorithm(), hash.algorithm().digest().digest(Files.readAllBytes(Path.of(store + path)))));
    }
}
