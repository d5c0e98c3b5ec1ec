package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The security tab: advisories with the registry that reports them, and package contents. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SecurityPagesTest {
    private static final String SCRIPT = "<script>alert(1)</script>";
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0};

    private static int caches;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private Cache cache;
    private PortalFixture shelf;

    @BeforeEach
    void aCacheOfItsOwn() {
        cache = people.cache("security-" + ++caches, true);
        shelf = new PortalFixture(cache.name(), recognition);
    }

    private ValidatableResponse page(String release) {
        return given().urlEncodingEnabled(false)
                .accept("text/html")
                .get("/" + cache.name() + "/" + release + "/security")
                .then()
                .statusCode(200);
    }

    private ValidatableResponse twin(String release) {
        return given().urlEncodingEnabled(false)
                .get("/api/" + cache.name() + "/" + release + "/security")
                .then()
                .statusCode(200);
    }

    private static PortalFixture.Content file(String text) {
        return PortalFixture.file(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Metadata as printed by nix-env. */
    private void tell(StorePath path, String... vulnerabilities) {
        var known = vulnerabilities.length == 0 ? "" : "\"" + String.join("\", \"", vulnerabilities) + "\"";
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .contentType("application/json")
                .body("{\"x\":{\"name\":\"%s\",\"outputs\":{\"out\":\"%s\"},\"meta\":{\"knownVulnerabilities\":[%s]}}}"
                        .formatted(path.name(), path, known))
                .put("/_api/v1/" + cache.name() + "/derivation-meta")
                .then()
                .statusCode(200);
        recognition.run(cache.name() + "/" + path.hash());
    }

    private StorePath npm(String name, String version, String more) {
        return shelf.put(
                PortalFixture.path(cache.name() + name + "-" + version + ".tgz"),
                PortalFixture.file(PortalFixture.tarball(
                        "package.json",
                        "{\"name\":\"" + name + "\",\"version\":\"" + version + "\"" + more + "}",
                        "index.js",
                        "1")),
                Optional.empty());
    }

    @Test
    void pageExplainsHowToConfigureAdvisories() {
        shelf.put("quiet-1.0", file("quiet"));
        page("nix/quiet@1.0")
                .body(containsString("No vulnerability data"))
                .body(containsString("_api/<wbr>v1/<wbr>" + cache.name() + "/<wbr>derivation-meta"))
                .body(containsString("Not sent for this version"));
        twin("nix/quiet@1.0").body("toldAt", nullValue()).body("advisories.size()", equalTo(0));
    }

    @Test
    void advisoriesHaveAnAgeAndARegistry() {
        var tree = shelf.put(
                "pear-1.0.0",
                new StorePathFixture()
                        .file("lib/node_modules/pear/package.json", "{\"name\":\"pear\",\"version\":\"1.0.0\"}")
                        .file("lib/node_modules/pear/index.js", "1\n")::write);
        tell(tree);
        page("nix/pear@1.0.0")
                .body(containsString("No known vulnerabilities were reported for pear 1.0.0. Only the <code>known"))
                .body(containsString("no vulnerability database"))
                .body(containsString("such as OSV</dt><dd>Not checked</dd>"))
                .body(not(containsString("Older than two days")));
        tell(tree, "CVE-2026-1", SCRIPT);
        for (var release : List.of("nix/pear@1.0.0", "npm/pear@1.0.0")) {
            page(release)
                    .body(containsString("2 known vulnerabilities"))
                    .body(containsString("CVE-2026-1"), not(containsString(SCRIPT)));
            twin(release)
                    .body("advisories.text", equalTo(List.of("CVE-2026-1", SCRIPT)))
                    .body("through.ecosystem.id.sort()", equalTo(List.of("nix", "npm")))
                    .body("old", equalTo(false));
        }
        twin("npm/pear@1.0.0").body("through[0].ecosystem.id", equalTo("npm"));
        people.run("update derivation_meta set at = now() - interval '3 days' where cache_id = " + cache.id());
        shelf.put("other-1.0", file("a change, for the validator"));
        page("npm/pear@1.0.0").body(containsString("Older than two days"));
        twin("npm/pear@1.0.0").body("old", equalTo(true));
    }

    @Test
    void nixDependenciesComeFromTheClosure() {
        var glow = shelf.put("glow-1.0", file("glow"));
        var lamp = PortalFixture.path("lamp-1.0");
        shelf.put(lamp, file("lamp"), Optional.empty(), glow, lamp);
        page("nix/lamp@1.0")
                .body(containsString("No known vulnerabilities were reported for the other path in its closure."))
                .body(containsString("Metadata was sent for 0 of 1 other path"));
        tell(glow, "CVE-2026-2");
        tell(lamp, "CVE-2026-3");
        twin("nix/lamp@1.0")
                .body("alongPaths", equalTo(1))
                .body("toldPaths", equalTo(1))
                .body("advisories.text", equalTo(List.of("CVE-2026-3")))
                .body("carried.known.name", equalTo(List.of("glow")))
                .body("carried[0].advisories", equalTo(List.of("CVE-2026-2")))
                .body("carried[0].url", equalTo("/" + cache.name() + "/path/" + glow.hash()));
        page("nix/lamp@1.0").body(containsString("Vulnerable dependencies"));
        twin("nix/glow@1.0").body("carried.size()", equalTo(0)).body("alongPaths", equalTo(0));
    }

    @Test
    void npmDependenciesAreResolvedRanges() {
        npm("rope", "1.0.0", "");
        npm("rope", "2.0.0", "");
        npm("oar", "1.0.0", ",\"dependencies\":{\"rope\":\"^1\"}");
        npm("skiff", "1.0.0", ",\"dependencies\":{\"oar\":\"1.x\"}");
        npm("raft", "1.0.0", ",\"dependencies\":{\"rope\":\"^2\",\"tar\":\"*\"}");
        people.run("""
                update release r set facts = r.facts || '{"vulnerabilities": ["CVE-2026-4"]}' from package p
                where p.id = r.package_id and p.cache_id = %d and p.name = 'rope' and r.version = '1.0.0'""".formatted(cache.id()));
        twin("npm/oar@1.0.0")
                .body("carried.known.version", equalTo(List.of("1.0.0")))
                .body("carried[0].range", equalTo("^1"))
                .body("alongPackages", equalTo(1))
                .body("alongAll", equalTo(true));
        twin("npm/skiff@1.0.0")
                .body("carried.known.name", equalTo(List.of("rope")))
                .body("carried[0].range", equalTo(""));
        twin("npm/raft@1.0.0").body("carried.size()", equalTo(0)).body("alongAll", equalTo(false));
        page("npm/raft@1.0.0")
                .body(containsString("reported for the package that npm installs with it, as far as"))
                .body(containsString("Some dependencies are not in"));
    }

    @Test
    void packageContentsAreInspected() {
        var glow = shelf.put("glow-1.0", file("glow"));
        var tree = new StorePathFixture()
                .file("share/licenses/LICENSE-MIT", "\n  MIT License\n\nCopyright")
                .file("lib/deep/COPYING", "GNU " + SCRIPT)
                .file("lib/license.js", "module.exports = 1")
                .file("lib/liblamp.so.1", ELF)
                .file("lib/not.so", "text")
                .script("bin/lamp", "#!/bin/sh\n")
                .script("bin/" + SCRIPT, "#!/bin/sh\n")
                .link("lib/self", "../bin/lamp")
                .link("lib/glow", glow.toString())
                .link("lib/away", "/etc/passwd")
                .link("lib/up", "../../../other");
        shelf.put(PortalFixture.path("lamp-1.0"), tree::write, Optional.empty(), glow);
        twin("nix/lamp@1.0")
                .body("files.files", equalTo(7))
                .body("files.executables", equalTo(2))
                .body("files.natives", equalTo(1))
                .body("files.nativeFiles[0].file", equalTo("lib/liblamp.so.1"))
                .body("files.nativeFiles[0].says", equalTo("ELF binary"))
                .body("files.unread", equalTo(0))
                .body("files.linksOut", equalTo(2))
                .body("files.links.says", equalTo(List.of("/etc/passwd", "../../../other")))
                .body("files.linksIntoStore", equalTo(1))
                .body("files.licences", equalTo(2))
                .body("files.licenceFiles[0].says", equalTo("GNU " + SCRIPT))
                .body("files.licenceFiles[1].says", equalTo("MIT License"))
                .body("installCode.size()", equalTo(0));
        var html = page("nix/lamp@1.0").extract().asString();
        assertTrue(!html.contains(SCRIPT) && html.contains("begins “MIT License”"), html);
        assertTrue(html.contains("No install scripts."), html);
        given().urlEncodingEnabled(false)
                .get(given().get("/api/" + cache.name() + "/nix/lamp@1.0/security")
                        .<String>path("files.executableFiles[0].url"))
                .then()
                .statusCode(200);
    }

    @Test
    void programsOverTheLimitAreOnlyCounted() {
        var tree = new StorePathFixture();
        for (int i = 0; i < 230; i++) {
            tree.script("bin/p" + i, "#!/bin/sh\n");
        }
        tree.file("lib/z.so", ELF);
        shelf.put("many-1.0", tree::write);
        twin("nix/many@1.0")
                .body("files.executables", equalTo(230))
                .body("files.executableFiles.size()", equalTo(20))
                .body("files.natives", equalTo(1))
                .body("files.unread", equalTo(31));
        page("nix/many@1.0").body(containsString("31 more were not checked"));
    }

    @Test
    void archivesAreInspected() {
        var tar = ArchiveFixture.tar(out -> {
            ArchiveFixture.put(out, new TarArchiveEntry("package/package.json"), """
                    {"name":"bolt","version":"1.0.0","license":"MIT","scripts":{"postinstall":"node %s","install":"node a"}}""".formatted(SCRIPT));
            var program = new TarArchiveEntry("package/cli.js");
            program.setMode(0755);
            ArchiveFixture.put(out, program, "#!/usr/bin/env node\n");
            ArchiveFixture.put(out, new TarArchiveEntry("package/LICENCE.md"), "# ISC\n");
            ArchiveFixture.put(
                    out,
                    new TarArchiveEntry("package/prebuilt/bolt.node"),
                    new String(ELF, StandardCharsets.ISO_8859_1));
        });
        shelf.put("bolt-1.0.0.tgz", PortalFixture.file(ArchiveFixture.gzip(tar)));
        twin("npm/bolt@1.0.0")
                .body("files.executables", equalTo(1))
                .body("files.natives", equalTo(1))
                .body("files.licenceFiles[0].says", equalTo("# ISC"))
                .body("installCode.name", equalTo(List.of("install", "postinstall")));
        page("npm/bolt@1.0.0")
                .body(containsString("MIT declared"))
                .body(containsString("Runs install scripts"), not(containsString(SCRIPT)))
                .body(containsString("/npm/bolt@1.0.0/files/package/cli.js"));
    }

    @Test
    void fileAmongOthersIsInspectedWithoutLinks() {
        var wheel = ArchiveFixture.wheel(
                "bell", "1.0", "", Map.of("bell/core.so", new String(ELF, StandardCharsets.US_ASCII)));
        shelf.put("python-bell-1.0-dist", new StorePathFixture().file("bell-1.0-py3-none-any.whl", wheel)::write);
        twin("pypi/bell@1.0")
                .body("files.natives", equalTo(1))
                .body("files.nativeFiles[0].url", equalTo(""))
                .body("installCode.size()", equalTo(0));
        var sdist =
                ArchiveFixture.tgz(Map.of("chime-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: chime\nVersion: 1.0\n"));
        shelf.put("chime-1.0.tar.gz", PortalFixture.file(sdist));
        page("pypi/chime@1.0").body(containsString("the build backend of chime-1.0.tar.gz"));
    }
}
