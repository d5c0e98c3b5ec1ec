package dev.narthex.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.NodeClient.Task;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every client with its own commands against the running server: what nix pushed is what each of them installs. */
class NodeClientsTest {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Shared SHARED = Shared.instance();
    private static final String REGISTRY =
            SHARED.server.uri("/registry/main/npm/").toString();

    @TempDir
    Path scratch;

    @BeforeAll
    static void launch() throws IOException, InterruptedException {
        Boats.launch(SHARED);
    }

    /** A folder that is someone's project, and programs that run in it. */
    private Programs project(NodeClient client) throws IOException {
        Files.writeString(
                scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
        client.configure(scratch, REGISTRY);
        return new Programs(scratch).with("NO_COLOR", "1").with("CI", "1").with("DO_NOT_TRACK", "1");
    }

    @ParameterizedTest
    @EnumSource
    void installsTreesAndTarballsWithAndWithoutAScopeAndRunsTheirCommands(NodeClient client) throws IOException {
        var programs = project(client);
        client.run(programs, Task.ADD, "@boat/hull", "boat-oar@1.0.0").succeeded();
        var said = programs.run("node", "-p", "require('@boat/hull') + ', ' + require('boat-oar')")
                .succeeded();
        assertTrue(said.out().strip().endsWith(", oar 1.0.0"), said.out());
        var ran = client.run(programs, Task.RUN, "hull").succeeded();
        assertTrue(ran.out().strip().startsWith("mast oar 1."), ran.out());
        assertTrue(Files.isExecutable(scratch.resolve("node_modules/.bin/hull")));
    }

    @ParameterizedTest
    @EnumSource
    void theLockAloneGivesTheSameAgain(NodeClient client) throws IOException {
        var programs = project(client);
        client.run(programs, Task.ADD, "@boat/sail", "boat-mast").succeeded();
        var first = listed(scratch.resolve("node_modules"));
        Files.move(scratch.resolve("node_modules"), scratch.resolve("before"));
        for (var cache : List.of("cache", "store", ".yarn", ".bun")) {
            if (Files.exists(scratch.resolve(cache))) {
                LoadTest.deleteTree(scratch.resolve(cache));
            }
        }
        client.run(programs, Task.FROZEN).succeeded();
        assertEquals(first, listed(scratch.resolve("node_modules")));
        assertTrue(first.contains("boat-mast/cli.js"), first.toString());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsRemovedIsGone(NodeClient client) throws IOException {
        var programs = project(client);
        client.run(programs, Task.ADD, "@boat/sail", "boat-mast").succeeded();
        client.run(programs, Task.REMOVE, "@boat/sail").succeeded();
        assertFalse(Files.exists(scratch.resolve("node_modules/@boat/sail")));
        assertTrue(Files.exists(scratch.resolve("node_modules/boat-mast")));
        var needed = JSON.readTree(scratch.resolve("package.json").toFile()).path("dependencies");
        assertEquals(
                List.of("boat-mast"),
                needed.propertyStream().map(e -> e.getKey()).toList());
    }

    @ParameterizedTest
    @EnumSource
    void aPackageIsToldOf(NodeClient client) throws IOException {
        var programs = project(client);
        for (var name : List.of("@boat/hull", "boat-oar")) {
            var version =
                    client.run(programs, Task.VERSION_OF, name).succeeded().out();
            assertTrue(version.contains(name.equals("boat-oar") ? "1.1.0" : "1.0.0"), version);
        }
        var missing = client.run(programs, Task.ADD, "no-such-boat");
        var said = missing.out() + missing.err();
        assertTrue(missing.status() != 0 && said.matches("(?s).*(404|not found|There is no package).*"), said);
    }

    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "YARN_BERRY")
    void whatHasANewerVersionIsToldOf(NodeClient client) throws IOException {
        var programs = project(client);
        client.run(programs, Task.ADD, "boat-oar@1.0.0", "@boat/sail").succeeded();
        var outdated = client.run(programs, Task.OUTDATED).out();
        assertTrue(outdated.contains("boat-oar") && outdated.contains("1.1.0"), outdated);
        assertFalse(outdated.contains("@boat/sail"), outdated);
    }

    /** The metadata of the build that unpacked the tarball say so. */
    @ParameterizedTest
    @EnumSource(mode = EXCLUDE, names = "YARN_CLASSIC")
    void aKnownVulnerabilityIsToldOf(NodeClient client) throws Exception {
        var programs = project(client);
        client.run(programs, Task.ADD, "lodash@4.17.20", "boat-oar").succeeded();
        var report = client.run(programs, Task.AUDIT).failed().out();
        assertTrue(report.contains("CVE-2021-23337") && report.contains("lodash"), report);
        assertFalse(report.contains("boat-oar"), report);
        var page = report.replaceAll("(?s).*(/main/npm/lodash@4\\.17\\.20).*", "$1");
        var told = SHARED.server.http.send(SHARED.server.request(page).build(), BodyHandlers.ofString());
        assertTrue(told.body().contains("CVE-2021-23337"), page);
        client.run(programs, Task.ADD, "lodash@4.17.21").succeeded();
        client.run(programs, Task.AUDIT).succeeded();
    }

    /** A slip in a token must not pass for reading without one. */
    @Test
    void aTokenThatIsNotKnownIsRefusedThoughReadingNeedsNone() throws IOException {
        var programs = project(NodeClient.NPM);
        var settings = scratch.resolve(".npmrc");
        var own = SHARED.bearer().replaceFirst(".* ", "");
        var line = REGISTRY.replaceFirst("http:", "") + ":_authToken=";
        Files.writeString(settings, Files.readString(settings) + line + own + "\n");
        programs.run("npm", "view", "boat-oar").succeeded();
        Files.writeString(settings, Files.readString(settings).replace(own, "nrx_wrong"));
        var refused = programs.run("npm", "view", "boat-oar").failed();
        assertTrue(refused.err().contains("E401") && refused.err().contains("token"), refused.err());
    }

    /** Metadata may come long after the package, and after somebody asked. */
    @Test
    void whatBecomesKnownIsToldFromThenOn() throws Exception {
        var programs = project(NodeClient.NPM);
        programs.run("npm", "install", "boat-leak").succeeded();
        programs.run("npm", "audit").succeeded();
        var meta = """
                {"boats.leak":{"name":"boat-leak-1.0.0","outputs":{"out":"%s"},
                 "meta":{"knownVulnerabilities":["CVE-2020-12345: it leaks"]}}}""".formatted(Boats.leak());
        var taken = new Push(SHARED.server, "main").metadata(meta);
        assertEquals(200, taken.statusCode(), taken.body());
        long begun = System.nanoTime();
        var audit = programs.run("npm", "audit");
        while (audit.status() == 0 && System.nanoTime() - begun < LIMIT_NANOS) {
            audit = programs.run("npm", "audit");
        }
        assertTrue(audit.failed().out().contains("CVE-2020-12345: it leaks"), audit.out());
    }

    @Test
    void npmMendsWhatItWasToldOf() throws IOException {
        var programs = project(NodeClient.NPM);
        programs.run("npm", "install", "lodash@4.17.20").succeeded();
        programs.run("npm", "install", "lodash@^4.17.20", "--prefer-offline").succeeded();
        programs.run("npm", "audit", "fix").succeeded();
        assertTrue(programs.run("npm", "ls").succeeded().out().contains("lodash@4.17.21"));
    }

    /** yarn takes no version that is younger than a day unless it is told to: {@code time} is when a version came here. */
    @Test
    void berryKeepsAwayFromWhatIsNew() throws IOException {
        var programs = project(NodeClient.YARN_BERRY);
        var settings = scratch.resolve(".yarnrc.yml");
        Files.writeString(settings, Files.readString(settings).replace("npmMinimalAgeGate: 0\n", ""));
        var refused = NodeClient.YARN_BERRY.run(programs, Task.ADD, "boat-oar").failed();
        assertTrue(refused.out().contains("quarantined"), refused.out());
        Files.writeString(settings, Files.readString(settings) + "npmPreapprovedPackages: [\"boat-*\"]\n");
        NodeClient.YARN_BERRY.run(programs, Task.ADD, "boat-oar").succeeded();
        NodeClient.YARN_BERRY.run(programs, "up", "boat-oar").succeeded();
    }

    @Test
    void npmAnswersAboutWhatIsInstalledAndWhatIsHere() throws IOException {
        var programs = project(NodeClient.NPM);
        programs.run("npm", "install", "@boat/hull").succeeded();
        said(programs, "https://example.org/fund", "npm", "fund");
        said(programs, "from @boat/sail@1.0.0", "npm", "explain", "boat-oar");
        said(programs, "\"@boat/hull@1.0.0\"", "npm", "query", "[name=\"@boat/hull\"]");
        said(programs, "boat-mast", "npm", "search", "regatta");
        said(programs, "@boat/sail", "npm", "search", "scope:boat");
        said(programs, "latest: 1.1.0", "npm", "dist-tag", "ls", "boat-oar");
        said(programs, "@boat/sail: public", "npm", "access", "get", "status", "@boat/sail");
        said(programs, "no admin found", "npm", "owner", "ls", "boat-oar");
        said(programs, "4", "npm", "view", "boat-oar", "dist.fileCount");
        said(programs, "# @boat/sail", "npm", "view", "@boat/sail", "readme");
        said(programs, "1.0.0", "npm", "view", "boat-oar@~1.0", "version");
        said(programs, "boat-sail-1.0.0.tgz", "npm", "pack", "@boat/sail", "--silent");
        said(programs, "mast", "npm", "exec", "--yes", "boat-mast");
        programs.run("npm", "update").succeeded();
        programs.run("npm", "outdated").succeeded();
        for (var absent : List.of("whoami", "profile get", "token list", "org ls boat", "team ls boat:all")) {
            var command = new ArrayList<>(List.of("npm"));
            command.addAll(List.of(absent.split(" ")));
            var refused = programs.run(command).failed();
            assertFalse(refused.err().contains("<html") || refused.err().contains("E5"), refused.err());
        }
    }

    private static void said(Programs programs, String what, String... command) {
        var out = programs.run(command).succeeded().out();
        assertTrue(out.contains(what), () -> String.join(" ", command) + ": " + out);
    }

    /** Files of packages; what clients keep there for themselves is left out. */
    private static List<String> listed(Path modules) throws IOException {
        try (var files = Files.walk(modules, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> modules.relativize(file).toString())
                    .filter(file -> !file.startsWith(".") && !file.contains("/.bin/"))
                    .sorted()
                    .toList();
        }
    }
}
