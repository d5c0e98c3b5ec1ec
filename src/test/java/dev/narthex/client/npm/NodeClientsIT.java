package dev.narthex.client.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.NodeClient;
import dev.narthex.client.support.NodeClient.Task;
import dev.narthex.client.support.NpmFixture;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every client installs packages pushed by nix with its own commands. */
class NodeClientsIT {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SharedServer SHARED = SharedServer.instance();
    private static final String REGISTRY =
            SHARED.server.uri("/registry/main/npm/").toString();

    @TempDir
    Path scratch;

    @BeforeAll
    static void launch() throws Exception {
        NpmFixture.launch(SHARED);
    }

    /** A project folder, and programs that run in it. */
    private ProgramRunner project(NodeClient client) throws IOException {
        Files.writeString(
                scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
        client.configure(scratch, REGISTRY);
        return new ProgramRunner(scratch).with("NO_COLOR", "1").with("CI", "1").with("DO_NOT_TRACK", "1");
    }

    /** A project from its first install to the removal of a package. */
    @ParameterizedTest
    @EnumSource
    void clientsInstallRunLockAndRemove(NodeClient client) throws Exception {
        var programs = project(client);
        var wanted = new ArrayList<>(List.of("@boat/hull", "boat-mast", "boat-oar@1.0.0"));
        boolean audits = !client.words(Task.AUDIT).isEmpty();
        if (audits) {
            wanted.add("boat-bilge");
        }
        client.run(programs, Task.ADD, wanted.toArray(String[]::new)).succeeded();
        assertTreesAndTarballsRun(client, programs);
        assertPackagesAreReported(client, programs);
        if (audits) {
            var report = client.run(programs, Task.AUDIT).failed().out();
            assertVulnerabilityIsReported(report, "boat-bilge", "1.0.0", NpmFixture.CVE);
        }
        assertLockGivesTheSameAgain(client, programs);

        client.run(programs, Task.REMOVE, "@boat/hull").succeeded();
        assertFalse(Files.exists(scratch.resolve("node_modules/@boat/hull")), "a removed package is gone");
        assertTrue(Files.exists(scratch.resolve("node_modules/boat-mast")), "others stay");
        var needed = JSON.readTree(scratch.resolve("package.json").toFile()).path("dependencies");
        assertEquals(
                wanted.stream()
                        .map(spec -> spec.replaceFirst("(?<=.)@.*", ""))
                        .filter(name -> !name.equals("@boat/hull"))
                        .sorted()
                        .toList(),
                needed.propertyStream().map(e -> e.getKey()).sorted().toList());
    }

    private void assertTreesAndTarballsRun(NodeClient client, ProgramRunner programs) {
        var said = programs.run("node", "-p", "require('@boat/hull') + ', ' + require('boat-oar')")
                .succeeded();
        assertTrue(said.out().strip().endsWith(", oar 1.0.0"), said.out());
        var ran = client.run(programs, Task.RUN, "hull").succeeded();
        assertTrue(ran.out().strip().startsWith("mast oar 1."), ran.out());
        assertTrue(Files.isExecutable(scratch.resolve("node_modules/.bin/hull")), "the command of a tree");
    }

    private static void assertPackagesAreReported(NodeClient client, ProgramRunner programs) {
        var version =
                client.run(programs, Task.VERSION_OF, "@boat/hull").succeeded().out();
        assertTrue(version.contains("1.0.0"), version);
        if (!client.words(Task.OUTDATED).isEmpty()) {
            var outdated = client.run(programs, Task.OUTDATED).out();
            assertTrue(outdated.contains("boat-oar") && outdated.contains("1.1.0"), outdated);
            assertFalse(outdated.contains("@boat/hull"), outdated);
        }
        var missing = client.run(programs, Task.ADD, "no-such-boat").failed();
        var said = missing.out() + missing.err();
        assertTrue(said.matches("(?s).*(404|not found|There is no package).*"), said);
    }

    private static void assertVulnerabilityIsReported(String report, String name, String version, String cve)
            throws Exception {
        assertTrue(report.contains(cve) && report.contains(name), report);
        assertFalse(report.contains("boat-oar"), report);
        var page = "/main/npm/" + name + "@" + version;
        assertTrue(report.contains(page), report);
        var told = SHARED.server.http.send(SHARED.server.request(page).build(), BodyHandlers.ofString());
        assertTrue(told.body().contains(cve), page);
    }

    private void assertLockGivesTheSameAgain(NodeClient client, ProgramRunner programs) throws IOException {
        var first = listed(scratch.resolve("node_modules"));
        Files.move(scratch.resolve("node_modules"), scratch.resolve("before"));
        for (var cache : List.of("cache", "store", ".yarn", ".bun")) {
            if (Files.exists(scratch.resolve(cache))) {
                DataFolders.delete(scratch.resolve(cache));
            }
        }
        client.run(programs, Task.FROZEN).succeeded();
        assertEquals(first, listed(scratch.resolve("node_modules")));
        assertTrue(first.contains("boat-mast/cli.js"), first.toString());
    }

    /** A typing error in a token must not fall back to anonymous access. */
    @Test
    void unknownTokenIsRefusedByAPublicCache() throws IOException {
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

    /** Metadata may arrive long after the package, and after the first audit. */
    @Test
    void newAdvisoriesAreReportedImmediately() throws Exception {
        var programs = project(NodeClient.NPM);
        programs.run("npm", "install", "boat-leak").succeeded();
        programs.run("npm", "audit").succeeded();
        var meta = """
                {"boats.leak":{"name":"boat-leak-1.0.0","outputs":{"out":"%s"},
                 "meta":{"knownVulnerabilities":["CVE-2020-12345: it leaks"]}}}""".formatted(NpmFixture.leak());
        var taken = new NixPushClient(SHARED.server, "main").metadata(meta);
        assertEquals(200, taken.statusCode(), taken.body());
        long begun = System.nanoTime();
        var audit = programs.run("npm", "audit");
        while (audit.status() == 0 && System.nanoTime() - begun < LIMIT_NANOS) {
            audit = programs.run("npm", "audit");
        }
        assertTrue(audit.failed().out().contains("CVE-2020-12345: it leaks"), audit.out());
    }

    /**
     * Uses a real package: the metadata of the build that unpacked its tarball contains the CVE. With a lockfile only, because
     * the package has 1,000 files.
     */
    @Test
    void npmAuditFixUpdatesVulnerableVersions() throws Exception {
        var programs = project(NodeClient.NPM);
        programs.run("npm", "install", "--package-lock-only", "--no-audit", "--save-exact", "lodash@4.17.20")
                .succeeded();
        var lock = scratch.resolve("package-lock.json");
        for (var file : List.of(scratch.resolve("package.json"), lock)) {
            var exact = "(\"lodash\": ?\")(4.17.20\")";
            var text = Files.readString(file);
            assertTrue(Pattern.compile(exact).matcher(text).find(), text);
            Files.writeString(file, text.replaceAll(exact, "$1^$2"));
        }
        var report =
                programs.run("npm", "audit", "--package-lock-only").failed().out();
        assertVulnerabilityIsReported(report, "lodash", "4.17.20", "CVE-2021-23337");
        programs.run("npm", "audit", "fix", "--package-lock-only").succeeded();
        assertTrue(Files.readString(lock).contains("/lodash-4.17.21.tgz"), Files.readString(lock));
    }

    /** yarn 4 installs no version younger than a day by default; {@code time} is when a version was first pushed here. */
    @Test
    void yarn4SkipsVersionsYoungerThanADay() throws IOException {
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
    void npmOutdatedAndViewWork() throws IOException {
        var programs = project(NodeClient.NPM);
        programs.run("npm", "install", "@boat/hull").succeeded();
        said(programs, "https://example.org/fund", "npm", "fund");
        said(programs, "boat-mast", "npm", "search", "regatta");
        var viewed = programs.run("npm", "view", "@boat/sail@~1.0", "version", "dist.fileCount", "readme")
                .succeeded()
                .out();
        for (var field : List.of("version = '1.0.0'", "dist.fileCount = 4", "# @boat/sail")) {
            assertTrue(viewed.contains(field), viewed);
        }
        said(programs, "boat-sail-1.0.0.tgz", "npm", "pack", "@boat/sail", "--silent");
        said(programs, "mast", "npm", "exec", "--yes", "boat-mast");
        programs.run("npm", "update").succeeded();
        for (var absent : List.of("whoami", "team ls boat:all")) {
            var command = new ArrayList<>(List.of("npm"));
            command.addAll(List.of(absent.split(" ")));
            var refused = programs.run(command).failed();
            assertFalse(refused.err().contains("<html") || refused.err().contains("E5"), refused.err());
        }
    }

    private static void said(ProgramRunner programs, String what, String... command) {
        var out = programs.run(command).succeeded().out();
        assertTrue(out.contains(what), () -> String.join(" ", command) + ": " + out);
    }

    /** Files of packages, without the clients' own metadata. */
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
