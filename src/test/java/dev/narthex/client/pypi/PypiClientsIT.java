package dev.narthex.client.pypi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.RecordingProxy;
import dev.narthex.client.support.RecordingProxy.Asked;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real pip, an old and a new version, install from a cache of wheels and source distributions that were pushed as NARs. */
class PypiClientsIT extends PypiClientsSetup {

    private String imported(String code) {
        return programs.with("PYTHONPATH", scratch.resolve("lib").toString())
                .run("/usr/bin/python3", "-c", code)
                .succeeded()
                .out()
                .strip();
    }

    /** One pip cache for three installs, so that the second and third use cached responses. */
    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipInstallsThenRevalidatesPagesAndChecksHashes(Pip pip) throws IOException {
        try (var index = new RecordingProxy(SHARED.server)) {
            install(pip, index, "lib", "nx.app").succeeded();
            assertImportedApp(index, pip);

            index.forget();
            var lines = new StringBuilder();
            for (var file : List.of("Nx_App-1.0", "nx_lib-1.1")) {
                lines.append(file.replaceFirst("-", "=="))
                        .append(" --hash=sha256:")
                        .append(NixHash.sha256(FILES.get(file + "-py3-none-any.whl"))
                                .hex())
                        .append('\n');
            }
            var requirements = Files.writeString(scratch.resolve("requirements.txt"), lines);
            install(pip, index, "by-hash", "--require-hashes", "-r", requirements.toString())
                    .succeeded();
            assertEquals(
                    List.of(
                            new Asked("GET", SIMPLE + "nx-app/", "", 304),
                            new Asked("GET", SIMPLE + "nx-lib/", "", 304)),
                    index.asked(),
                    "only whether pages changed is asked for the second time");
            assertTrue(Files.exists(scratch.resolve("by-hash/nx_lib/__init__.py")), "installed by hash");

            Files.writeString(requirements, "nx_lib==1.1 --hash=sha256:" + "0".repeat(64) + "\n");
            var wrong = install(pip, index, "wrong", "-r", requirements.toString())
                    .failed()
                    .err();
            assertTrue(wrong.contains("DO NOT MATCH THE HASHES"), wrong);
        }
    }

    /** With HTML, the older pip expects names spelled as in METADATA, so it requests JSON. */
    @Test
    void pipInstallsFromHtml() throws IOException {
        try (var index = RecordingProxy.accepting("application/vnd.pypi.simple.v1+html", SHARED.server)) {
            install(Pip.NEW, index, "lib", "nx.app").succeeded();
            assertImportedApp(index, Pip.NEW);
        }
    }

    private void assertImportedApp(RecordingProxy index, Pip pip) {
        var asked = index.asked().toString();
        assertEquals("1.0 1.1", imported("import Nx_App, nx_lib; print(Nx_App.VERSION, nx_lib.VERSION)"));
        assertEquals(2, count(index, Asked::page), asked);
        assertEquals(2, count(index, Asked::file), asked);
        assertTrue(pip == Pip.OLD || count(index, Asked::metadata) == 2, asked);
        assertTrue(index.asked().stream().allMatch(a -> a.status() == 200), asked);
    }

    /** With a METADATA file, pip reads nothing of a wheel before it downloads it; without, it reads ranges. */
    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipReadsRangesOfAWheelWithoutMetadataFile(Pip pip) throws IOException {
        UnaryOperator<String> without =
                page -> page.replaceAll("\"(core-metadata|data-dist-info-metadata)\":\\{[^}]*},?", "")
                        .replace(",}", "}");
        try (var index = RecordingProxy.changing(without, SHARED.server)) {
            pip(
                            pip,
                            index,
                            "install",
                            "--no-cache-dir",
                            "--use-feature=fast-deps",
                            "--target",
                            scratch.resolve("lib").toString(),
                            "nx-big")
                    .succeeded();
            assertEquals(
                    "1500032",
                    imported(
                            "import os, nx_big; print(os.path.getsize(os.path.dirname(nx_big.__file__) + '/data.txt'))"));
            assertTrue(
                    count(index, a -> a.method().equals("HEAD") && a.status() == 200) > 0,
                    index.asked().toString());
            assertTrue(
                    count(index, a -> !a.range().isEmpty() && a.status() == 206) > 1,
                    index.asked().toString());
            assertEquals(0, count(index, Asked::metadata));
        }
    }

    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipChoosesVersionsByYankingPythonAndPrerelease(Pip pip) throws IOException {
        try (var index = new RecordingProxy(SHARED.server)) {
            var versions =
                    pip(pip, index, "index", "versions", "nx-lib").succeeded().out();
            assertTrue(versions.startsWith("nx-lib (1.1)"), versions);
            assertTrue(versions.contains("Available versions: 1.1, 1.0"), versions);
            var named = pip(pip, index, "download", "--no-deps", "nx-lib==1.2").succeeded();
            assertTrue((named.out() + named.err()).contains("Reason for being yanked: it leaks"), named.err());
            assertArrayEquals(
                    FILES.get("nx_lib-1.2-py3-none-any.whl"),
                    Files.readAllBytes(scratch.resolve("nx_lib-1.2-py3-none-any.whl")));
            var needs = pip(pip, index, "download", "nx-lib==2.0").failed().err();
            assertTrue(needs.contains("2.0 Requires-Python >=3.99"), needs);
            pip(pip, index, "download", "--pre", "nx-lib").succeeded();
            assertTrue(Files.exists(scratch.resolve("nx_lib-2.1b1-py3-none-any.whl")), "the prerelease");
        }
    }

    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipBuildsASourceDistribution(Pip pip) throws IOException {
        try (var index = new RecordingProxy(SHARED.server)) {
            pip(pip, index, "install", "--target", scratch.resolve("lib").toString(), "nx-src")
                    .succeeded();
            assertEquals("True 1.1", imported("import nx_src, nx_lib; print(nx_src.built, nx_lib.VERSION)"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3.13, cp313-cp313-manylinux2014_x86_64",
        "3.12, cp311.cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "2.7, 1-py2.py3-none-any"
    })
    void eachPythonGetsTheFileOfItsTags(String python, String tags) throws IOException {
        try (var index = new RecordingProxy(SHARED.server)) {
            pip(
                            Pip.NEW,
                            index,
                            "download",
                            "--no-deps",
                            "--only-binary=:all:",
                            "--python-version",
                            python,
                            "--platform",
                            "manylinux2014_x86_64",
                            "nx-multi")
                    .succeeded();
            var name = "nx_multi-1.0-" + tags + ".whl";
            assertArrayEquals(FILES.get(name), Files.readAllBytes(scratch.resolve(name)));
        }
    }

    @Test
    void foreignWheelsAreServedUnchanged() throws IOException {
        var projects = List.of("pip", "setuptools", "wheel", "packaging");
        try (var index = new RecordingProxy(SHARED.server)) {
            var download = new ArrayList<>(List.of("download", "--no-deps"));
            download.addAll(projects);
            pip(Pip.NEW, index, download.toArray(String[]::new)).succeeded();
        }
        for (var project : projects) {
            var name = FILES.keySet().stream()
                    .filter(f -> f.startsWith(project + "-"))
                    .findFirst()
                    .orElseThrow();
            assertArrayEquals(FILES.get(name), Files.readAllBytes(scratch.resolve(name)), name);
        }
    }

    /** Without credentials pip prompts for them; wrong ones are reported like missing ones. */
    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipInstallsFromAPrivateCacheWithAToken(Pip pip) throws Exception {
        var token =
                Files.readString(SHARED.server.data().resolve("admin-token")).strip();
        var name = "nx_secret-1.0-py3-none-any.whl";
        rows.cache("cellar", false);
        new NixPushClient(SHARED.server, "cellar")
                .publish(SmallNar.flat(ArchiveFixture.wheel("nx_secret", "1.0", "")), SmallNar.path(name));
        var address = "127.0.0.1:" + SHARED.server.port() + "/registry/cellar/pypi/simple/";
        Poll.until(
                "it is offered",
                () -> SHARED.server
                                .http
                                .send(
                                        SHARED.server
                                                .authorized("/registry/cellar/pypi/simple/nx-secret/")
                                                .build(),
                                        BodyHandlers.discarding())
                                .statusCode()
                        == 200);
        for (var credential : pip == Pip.NEW ? List.of("", "__token__:wrong@") : List.of("")) {
            var refused = from(pip, "http://" + credential + address).failed().err();
            assertTrue(refused.contains("from versions: none"), refused);
        }
        if (pip == Pip.NEW) {
            from(pip, "http://__token__:" + token + "@" + address).succeeded();
            Files.delete(scratch.resolve(name));
        }
        Files.writeString(scratch.resolve(".netrc"), "machine 127.0.0.1 login any password " + token + "\n");
        from(pip, "http://" + address).succeeded();
        assertTrue(Files.exists(scratch.resolve(name)));
    }
}
