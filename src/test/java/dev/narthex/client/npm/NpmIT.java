package dev.narthex.client.npm;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real npm installs packages pushed by nix. NodeClientsIT has the other clients. */
class NpmIT {
    private static final String CONSUMER = "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}";

    private final SharedServer shared = SharedServer.instance();
    private final String registry = shared.server.uri("/registry/main/npm/").toString();

    @TempDir
    Path scratch;

    private ProgramRunner programs;

    static Stream<Item> tarballs() {
        return CORPUS.items().stream()
                .filter(item -> item.kind().equals("source") && item.ecosystem().equals("npm"));
    }

    @BeforeEach
    void client() throws IOException {
        programs = new ProgramRunner(scratch)
                .with("npm_config_registry", registry)
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("npm_config_fund", "false");
        Files.writeString(scratch.resolve("package.json"), CONSUMER);
    }

    /** npm packs all in one run and prints the files in the order of its arguments. */
    @Test
    void npmPackReturnsTheFileThatNixFetched() throws IOException {
        var items = tarballs().toList();
        var command = new ArrayList<>(List.of("npm", "pack", "--silent"));
        items.forEach(item -> command.add(spec(item)));
        var files = programs.run(command).succeeded().out().lines().toList();
        assertEquals(items.size(), files.size(), files.toString());
        for (int i = 0; i < files.size(); i++) {
            var fetched = Path.of(CORPUS.store() + items.get(i).path());
            assertArrayEquals(
                    Files.readAllBytes(fetched), Files.readAllBytes(scratch.resolve(files.get(i))), files.get(i));
        }
    }

    @Test
    void npmInstallAndCiInstallDependencies() {
        programs.run("npm", "install", "--no-audit", "debug").succeeded();
        var version = programs.run("node", "-p", "require('debug/package.json').version + ' ' + require('ms')('1m')")
                .succeeded()
                .out();
        assertTrue(version.strip().endsWith(" 60000"), version);
        programs.run("npm", "ci", "--no-audit", "--prefer-online").succeeded();
        assertTrue(programs.run("npm", "audit").succeeded().out().contains("found 0 vulnerabilities"));
    }

    /** With and without dependencies, and with a missing dependency; the other packages have the tag long. */
    @Test
    void installCommandOfOnePagePerKindWorks() throws IOException, InterruptedException {
        var kinds = new HashSet<String>();
        for (var item : tarballs().toList()) {
            var told = install(item);
            var missing = told.path("missing").isEmpty() ? "none" : "some";
            if (kinds.add(missing + " missing of "
                    + Math.min(1, told.path("dependencies").intValue()))) {
                assertInstalls(item, told);
            }
        }
        assertTrue(kinds.containsAll(List.of("none missing of 0", "none missing of 1")), kinds.toString());
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("tarballs")
    void installCommandOfEachPageWorks(Item item) throws IOException, InterruptedException {
        assertInstalls(item, install(item));
    }

    private JsonNode install(Item item) throws IOException, InterruptedException {
        var page = "/api/main/npm/" + item.packageName() + "@" + item.version();
        var twin = shared.server.http.send(shared.server.request(page).build(), BodyHandlers.ofString());
        var told = new ObjectMapper().readTree(twin.body()).path("install");
        assertTrue(told.path("complete").booleanValue(), twin.body());
        return told;
    }

    /**
     * The installed bytes are those that the page states, and npm reports the dependencies that the page reports as missing.
     */
    private void assertInstalls(Item item, JsonNode told) throws IOException {
        for (var left : List.of("node_modules", "package-lock.json")) {
            if (Files.exists(scratch.resolve(left))) {
                DataFolders.delete(scratch.resolve(left));
            }
        }
        Files.writeString(scratch.resolve("package.json"), CONSUMER);
        var installed = programs.run(
                "npm",
                "install",
                "--no-audit",
                "--ignore-scripts",
                "--legacy-peer-deps",
                "--omit=optional",
                spec(item));
        if (told.path("missing").isEmpty()) {
            installed.succeeded();
            assertEquals(told.path("size").longValue(), size(scratch.resolve("node_modules")));
        } else {
            // the dependent package reports the dependencies of its default release
            assertTrue(
                    installed.failed().err().matches("(?s).*E404.*There is no package.*|.*ETARGET.*"), installed.err());
        }
    }

    /** Counts the files of all packages. */
    private static long size(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            long size = 0;
            for (var file : files.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS))
                    .filter(f -> !f.endsWith(".package-lock.json"))
                    .toList()) {
                size += Files.size(file);
            }
            return size;
        }
    }

    @Test
    void npmViewSearchAndDistTagWork() {
        assertTrue(programs.run("npm", "view", "debug", "dist-tags.latest")
                .succeeded()
                .out()
                .matches("4\\.\\d+\\.\\d+\\s*"));
        assertTrue(programs.run("npm", "search", "debug").succeeded().out().contains("debug"));
        assertTrue(
                programs.run("npm", "dist-tag", "ls", "debug").succeeded().out().contains("latest:"));
        assertTrue(programs.run("npm", "ping").succeeded().err().contains("PONG"));
    }

    @Test
    void missingPackageIsReportedInOneSentence() {
        var missing = programs.run("npm", "view", "no-such-package-here").failed();
        assertTrue(missing.err().contains("404"), missing.err());
        assertEquals(-1, missing.err().indexOf("<html"));
    }

    private static String spec(Item item) {
        return item.packageName() + "@" + item.version();
    }
}
