package dev.narthex.client.pypi;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.RecordingProxy;
import dev.narthex.client.support.RecordingProxy.Asked;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real pip, an old and a new one, poetry and pdm against a cache of wheels and source distributions that was pushed as NARs. */
class PypiClientsIT {
    private static final String CACHE = "wheelhouse";
    private static final String SIMPLE = "/registry/" + CACHE + "/pypi/simple/";
    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path REAL = Path.of("/usr/share/python-wheels");

    private static final SharedServer SHARED = SharedServer.instance();
    private static final NixPushClient PUSH = new NixPushClient(SHARED.server, CACHE);
    private static final Map<String, byte[]> FILES = new LinkedHashMap<>();
    private static ServerDatabase rows;

    @TempDir
    Path scratch;

    private ProgramRunner programs;

    @BeforeAll
    static void fill() throws Exception {
        rows = new ServerDatabase(SHARED.server);
        rows.cache(CACHE, true);
        wheel(
                "Nx_App",
                "1.0",
                "py3-none-any",
                "Requires-Dist: nx-lib (>=1.0,<3)\nRequires-Dist: nx-big; extra == \"big\"\n");
        for (var version : List.of("1.0", "1.1", "1.2")) {
            wheel("nx_lib", version, "py3-none-any", "Requires-Python: >=3.8\n");
        }
        wheel("nx_lib", "2.0", "py3-none-any", "Requires-Python: >=3.99\n");
        wheel("nx_lib", "2.1b1", "py3-none-any", "");
        wheel("nx_multi", "1.0", "1-py2.py3-none-any", "");
        wheel("nx_multi", "1.0", "cp311.cp312-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64", "");
        wheel("nx_multi", "1.0", "cp313-cp313-manylinux2014_x86_64", "");
        FILES.put(
                "nx_big-1.0-py3-none-any.whl",
                ArchiveFixture.wheel(
                        "nx_big", "1.0", "Requires-Dist: nx-lib\n", Map.of("nx_big/data.txt", noise(1_500_000))));
        FILES.put("nx_src-1.0.tar.gz", source());
        try (var wheels = Files.list(REAL)) {
            for (var wheel : wheels.toList()) {
                FILES.put(wheel.getFileName().toString(), Files.readAllBytes(wheel));
            }
        }
        for (var file : FILES.entrySet()) {
            PUSH.publish(SmallNar.flat(file.getValue()), SmallNar.path(file.getKey()));
        }
        Poll.until("all files are offered", () -> released("true") >= FILES.size());
        rows.withdraw("nx_lib", "1.2", "yanked", "it leaks");
    }

    @AfterAll
    static void close() throws Exception {
        rows.close();
    }

    private static long released(String condition) throws Exception {
        return rows.number("""
                select count(*) from artifact a join path s on s.id = a.path_id join cache c on c.id = s.cache_id
                where c.name = '%s' and a.state = 'released' and %s""".formatted(CACHE, condition));
    }

    private static void wheel(String name, String version, String tags, String metadata) {
        FILES.put(
                name + "-" + version + "-" + tags + ".whl",
                ArchiveFixture.wheel(name, version, metadata, Map.of(name + "/tags.txt", tags)));
    }

    private static String noise(int length) {
        var text = new StringBuilder();
        for (int i = 0; text.length() < length; i++) {
            text.append(NixHash.sha256(Integer.toString(i).getBytes(StandardCharsets.US_ASCII))
                    .hex());
        }
        return text.toString();
    }

    /** Built by a backend that it carries, so that nothing else is needed. */
    private static byte[] source() {
        var root = "nx_src-1.0/";
        var files = new LinkedHashMap<String, String>();
        files.put(
                root + "PKG-INFO",
                "Metadata-Version: 2.1\nName: nx-src\nVersion: 1.0\nRequires-Dist: nx-lib (>=1.0)\n");
        files.put(root + "pyproject.toml", """
                [build-system]
                requires = []
                build-backend = "backend"
                backend-path = ["."]
                """);
        files.put(root + "backend.py", """
                import base64, hashlib, zipfile
                def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
                    info = "nx_src-1.0.dist-info/"
                    files = {
                        "nx_src.py": b"built = True\\n",
                        info + "METADATA": b"Metadata-Version: 2.1\\nName: nx-src\\nVersion: 1.0\\nRequires-Dist: nx-lib\\n",
                        info + "WHEEL": b"Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
                    }
                    record = ""
                    for name, data in files.items():
                        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                        record += f"{name},sha256={digest},{len(data)}\\n"
                    files[info + "RECORD"] = (record + info + "RECORD,,\\n").encode()
                    with zipfile.ZipFile(wheel_directory + "/nx_src-1.0-py3-none-any.whl", "w") as wheel:
                        for name, data in files.items():
                            wheel.writestr(name, data)
                    return "nx_src-1.0-py3-none-any.whl"
                """);
        return ArchiveFixture.tgz(files);
    }

    @BeforeEach
    void client() {
        programs = new ProgramRunner(scratch)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_NO_INPUT", "1")
                .with("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
                .with("POETRY_CACHE_DIR", scratch.resolve("poetry").toString())
                .with("POETRY_VIRTUALENVS_IN_PROJECT", "true")
                .with("POETRY_VIRTUALENVS_OPTIONS_NO_PIP", "true")
                .with("PDM_CHECK_UPDATE", "0")
                .with("PDM_CACHE_DIR", scratch.resolve("pdm").toString());
    }

    /** The machine's pip, and an older one with the Python that it came with. */
    enum Pip {
        NEW(List.of("/usr/bin/python3", "-m", "pip"), ""),
        OLD(List.of(older() + "/bin/python3", "-m", "pip"), unpacked());

        final List<String> command;
        final String path;

        Pip(List<String> command, String path) {
            this.command = command;
            this.path = path;
        }

        private static Path older() {
            var folder = Path.of(System.getProperty("narthex.tools", "target/tools"), "python/usr")
                    .toAbsolutePath();
            assertTrue(Files.isDirectory(folder), "no older pip in " + folder + ": deploy/test brings it");
            return folder;
        }

        /** The folder of the older pip. Out of its wheel Python would compile it anew at every start, which takes a second. */
        private static String unpacked() {
            try {
                var folder = older().resolve("pip");
                if (!Files.exists(folder)) {
                    var partial = Files.createTempDirectory(older(), "pip");
                    new ProgramRunner(partial)
                            .run("/usr/bin/python3", "-m", "zipfile", "-e", wheel().toString(), "pip")
                            .succeeded();
                    Files.move(partial.resolve("pip"), folder, StandardCopyOption.ATOMIC_MOVE);
                    DataFolders.delete(partial);
                }
                return folder.toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path wheel() throws IOException {
            try (var wheels = Files.list(older().resolve("share/python-wheels"))) {
                return wheels.filter(file -> file.toString().matches(".*/pip-[^/]*[.]whl"))
                        .findFirst()
                        .orElseThrow();
            }
        }
    }

    private ProgramRunner.Result pip(Pip pip, RecordingProxy index, String... arguments) {
        var command = new ArrayList<>(pip.command);
        command.addAll(List.of(arguments));
        return programs.with("PIP_INDEX_URL", index.uri(SIMPLE).toString())
                .with("PYTHONPATH", pip.path)
                .run(command);
    }

    private static long count(RecordingProxy index, Predicate<Asked> which) {
        return index.asked().stream().filter(which).count();
    }

    private String imported(String code) {
        return programs.with("PYTHONPATH", scratch.resolve("lib").toString())
                .run("/usr/bin/python3", "-c", code)
                .succeeded()
                .out()
                .strip();
    }

    // ── pip ──

    /** One cache of pip's for three installs, so that the second and third are by what pip keeps. */
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

    /** Given HTML, the older pip wants names spelled as in METADATA; it asks for JSON. */
    @Test
    void pipInstallsFromHtml() throws IOException {
        try (var index = RecordingProxy.accepting("application/vnd.pypi.simple.v1+html", SHARED.server)) {
            install(Pip.NEW, index, "lib", "nx.app").succeeded();
            assertImportedApp(index, Pip.NEW);
        }
    }

    private ProgramRunner.Result install(Pip pip, RecordingProxy index, String folder, String... what) {
        var arguments = new ArrayList<>(List.of(
                "install",
                "--cache-dir",
                scratch.resolve("cache").toString(),
                "--trusted-host",
                "127.0.0.1",
                "--target",
                scratch.resolve(folder).toString()));
        arguments.addAll(List.of(what));
        return pip(pip, index, arguments.toArray(String[]::new));
    }

    private void assertImportedApp(RecordingProxy index, Pip pip) {
        var asked = index.asked().toString();
        assertEquals("1.0 1.1", imported("import Nx_App, nx_lib; print(Nx_App.VERSION, nx_lib.VERSION)"));
        assertEquals(2, count(index, Asked::page), asked);
        assertEquals(2, count(index, Asked::file), asked);
        assertTrue(pip == Pip.OLD || count(index, Asked::metadata) == 2, asked);
        assertTrue(index.asked().stream().allMatch(a -> a.status() == 200), asked);
    }

    /** With METADATA in reach nothing is read of a wheel before it is taken; without, it is read in pieces. */
    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipReadsPiecesOfAWheelThatHasNoMetadataBesideIt(Pip pip) throws IOException {
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
    void wheelsThatOthersBuiltComeBackAsTheyAre() throws IOException {
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

    /** Without a credential pip prompts for one; any other is as good as none, and says no more. */
    @ParameterizedTest
    @EnumSource(Pip.class)
    void pipBringsATokenToAPrivateCache(Pip pip) throws Exception {
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

    private ProgramRunner.Result from(Pip pip, String index) {
        var command = new ArrayList<>(pip.command);
        command.addAll(List.of("download", "--no-cache-dir", "--index-url", index, "nx-secret"));
        return programs.with("PYTHONPATH", pip.path).run(command);
    }

    // ── poetry and pdm ──

    @Test
    void poetryLocksWithoutAWheelAndInstalls() throws IOException {
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
    void pdmLocksWithoutAWheelAndInstalls() throws IOException {
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

    // ── nix ──

    @Test
    void nixFetchesASourceDistributionAsFromAMirror() throws IOException {
        var at = SHARED.server.uri("/registry/" + CACHE + "/pypi/packages/source/n/nx_src/nx-src-1.0.tar.gz");
        var fetched = CORPUS.nix(scratch)
                .with("NIX_REMOTE", scratch.resolve("store").toString())
                .run("nix-prefetch-url", "--type", "sha256", at.toString())
                .succeeded();
        assertEquals(
                NixHash.sha256(FILES.get("nx_src-1.0.tar.gz")).nix32(),
                fetched.out().strip());
    }

    // ── what was pushed and is not for clients ──

    @Test
    void aWheelWhoseRecordLiesIsNamedOnItsPathAndNotInTheIndex() throws Exception {
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
    void otherBytesForAFileThatWasNamedAreNotServed() throws Exception {
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

    private static JsonNode get(String address) throws Exception {
        var answer = SHARED.server.http.send(SHARED.server.request(address).build(), BodyHandlers.ofString());
        return MAPPER.readTree(answer.body());
    }

    private static int status(String address) throws Exception {
        return SHARED.server
                .http
                .send(SHARED.server.request(address).header("Accept", JSON).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
