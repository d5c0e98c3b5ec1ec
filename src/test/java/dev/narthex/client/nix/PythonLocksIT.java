package dev.narthex.client.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.ecosystem.support.ArchiveFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** nix builds lockfiles of pip, poetry and pdm from the cache. */
class PythonLocksIT extends LocksSetup {

    private static final String WHEELHOUSE = "lock-wheels";
    private static final String SIMPLE = "/registry/" + WHEELHOUSE + "/pypi/simple/";

    /** Two packages: one with a wheel and a source distribution, and one with wheels for two platforms. */
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

    /** Pushes the files as a fetcher stores them. Returns their paths by name. */
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

    /** The lockfile, and the requirements exported from it. */
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

    /** Files downloaded by pip, with the hashes that pip computes. */
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
    void nixBuildsTheFilesOfPythonLockfilesFromTheCache() throws Exception {
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

    /** Builds each in its own store from the cache alone, wheels first. */
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

    /** pip installs from these files without an index. */
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
