package dev.narthex.client.ops;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads of real clients are counted, and shown on pages and in npm search. */
class DownloadsIT {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Item TARBALL = first("npm", "ms", "source");
    private static final Item WHEEL = first("pypi", "six", "dist");
    private static final Item TREE = first("none", "tree", "package");

    private static Path data;
    private static Server server;
    private static Path netrc;

    @TempDir
    Path scratch;

    private static Item first(String ecosystem, String name, String kindOrOutput) {
        return CORPUS.items().stream()
                .filter(i -> i.ecosystem().equals(ecosystem) && i.packageName().equals(name))
                .filter(i -> i.kind().equals(kindOrOutput) || i.output().equals(kindOrOutput))
                .findFirst()
                .orElseThrow();
    }

    @BeforeAll
    static void push() throws Exception {
        data = Server.folder();
        server = start();
        netrc = data.resolve("netrc");
        var token = Files.readString(data.resolve("admin-token")).strip();
        Files.writeString(netrc, "machine 127.0.0.1 login token password " + token + "\n");
        var command = new ArrayList<>(List.of("nix", "copy", "--option", "netrc-file", netrc.toString()));
        command.addAll(List.of(
                "--from",
                CORPUS.store(),
                "--to",
                server.uri("/main?compression=zstd").toString()));
        List.of(TARBALL, WHEEL, TREE).forEach(item -> command.add(item.path()));
        var nix = Files.createTempDirectory("narthex-downloads");
        CORPUS.nix(nix).run(command).succeeded();
        DataFolders.delete(nix);
        for (var item : List.of(TARBALL, WHEEL, TREE)) {
            awaitCount(item, 0);
        }
    }

    private static Server start() throws IOException, InterruptedException {
        return Server.start(data, Server.SHORT_LIVED, "-Dnarthex.downloads.written-every=200ms");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        DataFolders.delete(data);
    }

    @Test
    void downloadsOfNpmPipAndNixAreCountedAndSurviveAKill() throws Exception {
        long tarballs = count(TARBALL);
        long wheels = count(WHEEL);
        long trees = count(TREE);
        npm("pack").succeeded();
        npm("view").succeeded();
        pip("download").succeeded();
        nix("store").succeeded();
        awaitCount(TARBALL, tarballs + 1);
        awaitCount(WHEEL, wheels + 1);
        awaitCount(TREE, trees + 1);
        var search = JSON.readTree(body("/registry/main/npm/-/v1/search?text=" + TARBALL.packageName()));
        var downloads = search.path("objects").get(0).path("downloads");
        assertEquals(tarballs + 1, downloads.path("monthly").asLong());
        assertEquals(tarballs + 1, downloads.path("weekly").asLong());
        assertTrue(html(page(TARBALL)).contains("Downloads in 30 days"));
        aKilledServerContinuesCounting();
    }

    /** Written counts are durable; at most the downloads since then are lost. */
    private void aKilledServerContinuesCounting() throws Exception {
        long before = count(TARBALL);
        server.kill();
        server = start();
        assertEquals(before, count(TARBALL));
        npm("pack").succeeded();
        awaitCount(TARBALL, before + 1);
    }

    private ProgramRunner.Result npm(String command) throws IOException {
        var folder = Files.createTempDirectory(scratch, "npm");
        return new ProgramRunner(folder)
                .with("npm_config_registry", server.uri("/registry/main/npm/").toString())
                .with("npm_config_cache", folder.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .run("npm", command, TARBALL.packageName() + "@" + TARBALL.version());
    }

    private ProgramRunner.Result pip(String command) throws IOException {
        var folder = Files.createTempDirectory(scratch, "pip");
        return new ProgramRunner(folder)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_NO_CACHE_DIR", "1")
                .with("PIP_INDEX_URL", server.uri("/registry/main/pypi/simple/").toString())
                .run("/usr/bin/python3", "-m", "pip", command, "--no-deps", WHEEL.packageName());
    }

    private ProgramRunner.Result nix(String store) {
        return CORPUS.nix(scratch)
                .run(
                        "nix",
                        "copy",
                        "--no-check-sigs",
                        "--from",
                        server.uri("/main").toString(),
                        "--to",
                        scratch.resolve(store).toString(),
                        TREE.path());
    }

    private static String page(Item item) {
        return item.ecosystem().equals("none")
                ? "/main/nix/" + item.packageName()
                : "/main/" + item.ecosystem() + "/" + item.packageName();
    }

    private static void awaitCount(Item item, long n) throws Exception {
        long begun = System.nanoTime();
        while (count(item) != n) {
            assertTrue(System.nanoTime() - begun < LIMIT_NANOS, item.name() + " has not " + n + " but " + count(item));
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Returns -1 if there is no page. */
    private static long count(Item item) throws Exception {
        JsonNode downloads = JSON.readTree(body("/api" + page(item))).path("downloads");
        return downloads.path("month").asLong(-1);
    }

    private static String body(String address) throws IOException, InterruptedException {
        return server.http
                .send(server.request(address).build(), BodyHandlers.ofString())
                .body();
    }

    private static String html(String address) throws IOException, InterruptedException {
        var request = server.request(address).header("Accept", "text/html").build();
        return server.http.send(request, BodyHandlers.ofString()).body();
    }
}
