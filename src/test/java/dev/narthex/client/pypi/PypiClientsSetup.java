package dev.narthex.client.pypi;

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
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A cache with wheels and source distributions, and pip, poetry and pdm that install from it. */
abstract class PypiClientsSetup {
    static final String CACHE = "wheelhouse";
    static final String SIMPLE = "/registry/" + CACHE + "/pypi/simple/";
    static final String JSON = "application/vnd.pypi.simple.v1+json";
    static final ObjectMapper MAPPER = new ObjectMapper();
    static final Path REAL = Path.of("/usr/share/python-wheels");

    static final SharedServer SHARED = SharedServer.instance();
    static final NixPushClient PUSH = new NixPushClient(SHARED.server, CACHE);
    static final Map<String, byte[]> FILES = new LinkedHashMap<>();
    static ServerDatabase rows;

    @TempDir
    Path scratch;

    ProgramRunner programs;

    @BeforeAll
    static void fill() throws Exception {
        rows = new ServerDatabase(SHARED.server);
        if (!FILES.isEmpty()) {
            return;
        }
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

    static long released(String condition) throws Exception {
        return rows.number("""
                select count(*) from artifact a join path s on s.id = a.path_id join cache c on c.id = s.cache_id
                where c.name = '%s' and a.state = 'released' and %s""".formatted(CACHE, condition));
    }

    static void wheel(String name, String version, String tags, String metadata) {
        FILES.put(
                name + "-" + version + "-" + tags + ".whl",
                ArchiveFixture.wheel(name, version, metadata, Map.of(name + "/tags.txt", tags)));
    }

    static String noise(int length) {
        var text = new StringBuilder();
        for (int i = 0; text.length() < length; i++) {
            text.append(NixHash.sha256(Integer.toString(i).getBytes(StandardCharsets.US_ASCII))
                    .hex());
        }
        return text.toString();
    }

    /** Built by a backend in the source tree, so that no other package is needed. */
    static byte[] source() {
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

    /** The machine's pip, and an older one with its Python. */
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

        /** The folder of the older pip. From its wheel, Python would compile it at every start, which takes a second. */
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

    ProgramRunner.Result pip(Pip pip, RecordingProxy index, String... arguments) {
        var command = new ArrayList<>(pip.command);
        command.addAll(List.of(arguments));
        return programs.with("PIP_INDEX_URL", index.uri(SIMPLE).toString())
                .with("PYTHONPATH", pip.path)
                .run(command);
    }

    static long count(RecordingProxy index, Predicate<Asked> which) {
        return index.asked().stream().filter(which).count();
    }

    ProgramRunner.Result install(Pip pip, RecordingProxy index, String folder, String... what) {
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

    ProgramRunner.Result from(Pip pip, String index) {
        var command = new ArrayList<>(pip.command);
        command.addAll(List.of("download", "--no-cache-dir", "--index-url", index, "nx-secret"));
        return programs.with("PYTHONPATH", pip.path).run(command);
    }

    static JsonNode get(String address) throws Exception {
        var answer = SHARED.server.http.send(SHARED.server.request(address).build(), BodyHandlers.ofString());
        return MAPPER.readTree(answer.body());
    }

    static int status(String address) throws Exception {
        return SHARED.server
                .http
                .send(SHARED.server.request(address).header("Accept", JSON).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
