package dev.narthex.client.support;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Four packages that need each other, two with a scope, two as tarballs from {@code npm pack} and two as trees only, put into
 * the shared server by nix.
 *
 * <pre>
 * &#64;boat/hull 1.0.0, a tree    with the command hull   needs boat-mast and &#64;boat/sail
 * boat-mast 1.0.0, a tree
 * &#64;boat/sail 1.0.0, a tarball  with the command sail   needs boat-oar
 * boat-oar 1.0.0 and 1.1.0, tarballs
 * boat-leak 1.0.0, a tarball
 * boat-bilge 1.0.0, a tarball   with a known vulnerability
 * </pre>
 */
public final class NpmFixture {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);
    /** Of boat-bilge 1.0.0. */
    public static final String CVE = "CVE-2020-54321";

    private static boolean afloat;

    /** Of boat-leak 1.0.0. */
    private static String leak = "";

    private final Path folder;
    private final ProgramRunner programs;
    private final List<String> paths = new ArrayList<>();
    private String bilge = "";

    private NpmFixture(Path folder) {
        this.folder = folder;
        this.programs = CORPUS.nix(folder)
                .with("npm_config_cache", folder.resolve("npm").toString());
    }

    public static synchronized void launch(SharedServer shared) throws Exception {
        if (afloat) {
            return;
        }
        var folder = Files.createTempDirectory("narthex-boats");
        try {
            var boats = new NpmFixture(folder);
            boats.build();
            boats.push(shared);
            for (var release : List.of(
                    "boat-oar@1.0.0",
                    "boat-oar@1.1.0",
                    "boat-leak@1.0.0",
                    "boat-bilge@1.0.0",
                    "@boat/sail@1.0.0",
                    "boat-mast@1.0.0",
                    "@boat/hull@1.0.0")) {
                await(shared, "/api/main/npm/" + release);
            }
            boats.vulnerable(shared);
            afloat = true;
        } finally {
            DataFolders.delete(folder);
        }
    }

    /** Store path of a package without dependents. */
    public static synchronized String leak() {
        return leak;
    }

    private void build() throws IOException {
        for (var version : List.of("1.0.0", "1.1.0")) {
            tarball("boat-oar", version, "{}", "'oar " + version + "'");
        }
        tarball("@boat/sail", "1.0.0", "{\"boat-oar\":\"^1.0.0\"}", "require('boat-oar')");
        tarball("boat-leak", "1.0.0", "{}", "'leak'");
        leak = paths.getLast();
        tarball("boat-bilge", "1.0.0", "{}", "'bilge'");
        bilge = paths.getLast();
        tree("boat-mast", "{}", "'mast'");
        tree(
                "@boat/hull",
                "{\"boat-mast\":\"1\",\"@boat/sail\":\"1\"}",
                "require('boat-mast') + ' ' + require('@boat/sail')");
    }

    private void tarball(String name, String version, String dependencies, String value) throws IOException {
        var source = folder.resolve("source-" + name.replace('/', '-') + version);
        write(source, name, version, dependencies, value);
        var file = programs.run("npm", "pack", "--silent", source.toString())
                .succeeded()
                .out()
                .strip();
        // as fetchers name it: without the scope
        var plain = name.replaceFirst(".*/", "") + "-" + version + ".tgz";
        Files.move(folder.resolve(file), folder.resolve(plain));
        add("--mode", "flat", "--hash-algo", "sha512", folder.resolve(plain).toString());
    }

    private void tree(String name, String dependencies, String value) throws IOException {
        var store = folder.resolve(name.replaceFirst(".*/", "") + "-1.0.0");
        write(store.resolve("lib/node_modules/" + name), name, "1.0.0", dependencies, value);
        add(store.toString());
    }

    private static void write(Path folder, String name, String version, String dependencies, String value)
            throws IOException {
        Files.createDirectories(folder);
        var command = name.replaceFirst(".*/", "");
        Files.writeString(folder.resolve("package.json"), """
                {"name":"%s","version":"%s","description":"A part of a boat","keywords":["regatta"],"license":"MIT",
                 "bin":{"%s":"cli.js"},"funding":"https://example.org/fund","dependencies":%s}
                """.formatted(name, version, command, dependencies));
        Files.writeString(folder.resolve("index.js"), "module.exports = " + value + "\n");
        Files.writeString(folder.resolve("README.md"), "# " + name + "\n");
        var cli = Files.writeString(
                folder.resolve("cli.js"), "#!/usr/bin/env node\nconsole.log(require('./index.js'))\n");
        Files.setPosixFilePermissions(cli, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void add(String... what) {
        var command = new ArrayList<>(List.of(
                "nix", "store", "add", "--store", folder.resolve("store").toString()));
        command.addAll(List.of(what));
        paths.add(programs.run(command).succeeded().out().strip());
    }

    private void push(SharedServer shared) {
        var command = new ArrayList<>(List.of(
                "nix",
                "copy",
                "--option",
                "netrc-file",
                shared.netrc.toString(),
                "--option",
                "require-sigs",
                "false",
                "--from",
                folder.resolve("store").toString(),
                "--to",
                shared.cache() + "?compression=zstd"));
        command.addAll(paths);
        programs.run(command).succeeded();
    }

    private void vulnerable(SharedServer shared) throws Exception {
        var meta = """
                {"boats.bilge":{"name":"boat-bilge-1.0.0","outputs":{"out":"%s"},
                 "meta":{"knownVulnerabilities":["%s: it fills"]}}}""".formatted(bilge, CVE);
        var taken = new NixPushClient(shared.server, "main").metadata(meta);
        assertEquals(200, taken.statusCode(), taken.body());
        var page = shared.server.request("/main/npm/boat-bilge@1.0.0").build();
        Poll.until(
                "the page names " + CVE,
                () -> shared.server
                        .http
                        .send(page, BodyHandlers.ofString())
                        .body()
                        .contains(CVE));
    }

    private static void await(SharedServer shared, String page) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (shared.server
                        .http
                        .send(shared.server.request(page).build(), BodyHandlers.discarding())
                        .statusCode()
                != 200) {
            assertTrue(System.nanoTime() - begun < LIMIT_NANOS, page + " does not come");
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
