package dev.narthex.client.pypi;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Poll;
import dev.narthex.client.support.RecordingProxy;
import dev.narthex.client.support.RecordingProxy.Asked;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** poetry and pdm lock without downloading a wheel, and nix fetches source distributions. */
class PypiLockersIT extends PypiClientsSetup {

    @Test
    void poetryLocksWithoutDownloadingWheels() throws IOException {
        try (var index = new RecordingProxy(SHARED.server)) {
            Files.writeString(scratch.resolve("pyproject.toml"), """
                    [tool.poetry]
                    name = "consumer"
                    version = "0.1.0"
                    description = ""
                    authors = []
                    package-mode = false
                    [tool.poetry.dependencies]
                    python = ">=3.11,<4"
                    nx-app = "*"
                    [[tool.poetry.source]]
                    name = "narthex"
                    url = "%s"
                    priority = "primary"
                    """.formatted(index.uri(SIMPLE)));
            programs.run("poetry", "lock", "-n").succeeded();
            assertEquals(0, count(index, Asked::file), index.asked().toString());
            var lock = Files.readString(scratch.resolve("poetry.lock"));
            for (var file : List.of("Nx_App-1.0-py3-none-any.whl", "nx_lib-1.1-py3-none-any.whl")) {
                assertTrue(
                        lock.contains("{file = \"" + file + "\", hash = \"sha256:"
                                + NixHash.sha256(FILES.get(file)).hex()),
                        lock);
            }
            programs.run("poetry", "install", "-n").succeeded();
            assertInstalled();
        }
    }

    @Test
    void pdmLocksWithoutDownloadingWheels() throws IOException {
        try (var index = new RecordingProxy(SHARED.server)) {
            Files.writeString(scratch.resolve("pyproject.toml"), """
                    [project]
                    name = "consumer"
                    version = "0.1.0"
                    requires-python = ">=3.11,<4"
                    dependencies = ["nx-app"]
                    [tool.pdm]
                    distribution = false
                    [[tool.pdm.source]]
                    name = "pypi"
                    url = "%s"
                    verify_ssl = false
                    """.formatted(index.uri(SIMPLE)));
            programs.run("pdm", "use", "-f", "/usr/bin/python3").succeeded();
            programs.run("pdm", "lock").succeeded();
            assertEquals(0, count(index, Asked::file), index.asked().toString());
            programs.run("pdm", "sync").succeeded();
            assertInstalled();
        }
    }

    private void assertInstalled() {
        var said =
                programs.run(".venv/bin/python", "-c", "import Nx_App, nx_lib; print(Nx_App.VERSION, nx_lib.VERSION)");
        assertEquals("1.0 1.1", said.succeeded().out().strip());
    }

    @Test
    void nixFetchesSourceDistributionsByMirrorUrl() throws IOException {
        var at = SHARED.server.uri("/registry/" + CACHE + "/pypi/packages/source/n/nx_src/nx-src-1.0.tar.gz");
        var fetched = CORPUS.nix(scratch)
                .with("NIX_REMOTE", scratch.resolve("store").toString())
                .run("nix-prefetch-url", "--type", "sha256", at.toString())
                .succeeded();
        assertEquals(
                NixHash.sha256(FILES.get("nx_src-1.0.tar.gz")).nix32(),
                fetched.out().strip());
    }

    @Test
    void wheelWithAFalseRecordIsReportedAndNotServed() throws Exception {
        var wheel = ArchiveFixture.wheel(
                "nx_liar", "1.0", "", Map.of("nx_liar-1.0.dist-info/RECORD", "nx_liar/__init__.py,,\n"));
        var path = SmallNar.path("nx_liar-1.0-py3-none-any.whl");
        PUSH.publish(SmallNar.flat(wheel), path);
        var page = "/api/" + CACHE + "/path/" + SmallNar.hashPart(path);
        Poll.until("the path tells why", () -> !get(page).path("notListed").isEmpty());
        var told = get(page).path("notListed").get(0);
        assertEquals("nx_liar", told.path("name").asText());
        assertTrue(
                told.path("reason").asText().startsWith("nx_liar-1.0-py3-none-any.whl: its RECORD "), told.toString());
        assertEquals(404, status(SIMPLE + "nx-liar/"));
    }

    @Test
    void differentBytesForAPromisedFileAreNotServed() throws Exception {
        var name = "nx_once-1.0-py3-none-any.whl";
        var first = ArchiveFixture.wheel("nx_once", "1.0", "");
        var other = ArchiveFixture.wheel("nx_once", "1.0", "Summary: other\n");
        PUSH.publish(SmallNar.flat(first), SmallNar.path(name));
        Poll.until("it is offered", () -> status(SIMPLE + "nx-once/") == 200);
        PUSH.publish(SmallNar.flat(other), "/nix/store/" + SmallNar.hashPart(SmallNar.path("other")) + "-" + name);
        Poll.until("the other is known", () -> released("a.filename = '" + name + "'") == 2);
        try (var index = new RecordingProxy(SHARED.server)) {
            pip(Pip.NEW, index, "download", "nx-once").succeeded();
        }
        assertArrayEquals(first, Files.readAllBytes(scratch.resolve(name)));
    }

    @Test
    void quarantinedProjectIsAbsentForPip() throws Exception {
        var wheel = ArchiveFixture.wheel("nx_bad", "1.0", "");
        PUSH.publish(SmallNar.flat(wheel), SmallNar.path("nx_bad-1.0-py3-none-any.whl"));
        Poll.until("it is offered", () -> status(SIMPLE + "nx-bad/") == 200);
        var file = "/registry/" + CACHE + "/pypi/files/nx-bad/"
                + NixHash.sha256(wheel).hex() + "/nx_bad-1.0-py3-none-any.whl";
        assertEquals(200, status(file));
        rows.state("nx_bad", "project-status", "{\"status\":\"quarantined\",\"reason\":\"It steals.\"}");
        assertEquals(403, status(file));
        try (var index = new RecordingProxy(SHARED.server)) {
            var refused =
                    pip(Pip.NEW, index, "download", "nx-bad").failed().err().toLowerCase(Locale.ROOT);
            assertTrue(refused.contains("from versions: none"), refused);
        }
    }
}
