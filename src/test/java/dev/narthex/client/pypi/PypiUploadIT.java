package dev.narthex.client.pypi;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.pypi.PypiClientsSetup.Pip;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.UnsignedNixFetch;
import dev.narthex.ecosystem.pypi.AttestationFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.SigningKeyFixture;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real twine, flit, poetry and pdm upload; two versions of pip, and nix, download the files. */
class PypiUploadIT {
    private static final String CACHE = "chandlery";
    private static final SharedServer SHARED = SharedServer.instance();
    private static final String REPOSITORY =
            SHARED.server.uri("/registry/" + CACHE + "/pypi/legacy/").toString();
    private static final String INDEX =
            SHARED.server.uri("/registry/" + CACHE + "/pypi/simple/").toString();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path scratch;

    private ProgramRunner programs;
    private String token;

    @BeforeAll
    static void cache() throws Exception {
        try (var rows = new ServerDatabase(SHARED.server)) {
            rows.cache(CACHE, true);
        }
    }

    @BeforeEach
    void client() throws IOException {
        token = SHARED.bearer().replaceFirst(".* ", "");
        programs = new ProgramRunner(scratch)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_NO_INPUT", "1")
                .with("PIP_NO_CACHE_DIR", "1")
                .with("PIP_INDEX_URL", INDEX)
                .with("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
                .with("NO_COLOR", "1")
                .with("COLUMNS", "400")
                .with("PDM_CHECK_UPDATE", "0")
                // the build needs no isolated environment
                .with("POETRY_VIRTUALENVS_CREATE", "false")
                .with("POETRY_REPOSITORIES_HERE_URL", REPOSITORY);
    }

    private Path put(String name, byte[] bytes) throws IOException {
        Files.createDirectories(scratch.resolve("dist"));
        return Files.write(scratch.resolve("dist/" + name), bytes);
    }

    private Path wheel(String name, String version, String metadata) throws IOException {
        return put(name + "-" + version + "-py3-none-any.whl", ArchiveFixture.wheel(name, version, metadata));
    }

    /** Built by a backend in the source tree, so that no other package is needed. */
    private Path sdist(String name, String version) throws IOException {
        var root = name + "-" + version + "/";
        var files = new LinkedHashMap<String, String>();
        files.put(root + "PKG-INFO", "Metadata-Version: 2.2\nName: " + name + "\nVersion: " + version + "\n");
        files.put(root + "pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"x\"\n");
        return put(name + "-" + version + ".tar.gz", ArchiveFixture.tgz(files));
    }

    private ProgramRunner.Result twine(String secret, Object... arguments) {
        var command = new ArrayList<>(List.of(
                "twine",
                "upload",
                "--non-interactive",
                "--disable-progress-bar",
                "--verbose",
                "--repository-url",
                REPOSITORY,
                "-u",
                "__token__",
                "-p",
                secret));
        for (var argument : arguments) {
            command.add(argument.toString());
        }
        return programs.run(command);
    }

    /** Joins lines and removes colors: twine breaks lines anywhere. */
    private static String said(ProgramRunner.Result result) {
        return (result.out() + result.err()).replaceAll("\u001b\\[[0-9;]*m", "").replaceAll("\\s+", " ");
    }

    private ProgramRunner.Result pip(Pip pip, String... arguments) {
        var command = new ArrayList<>(pip.command);
        command.addAll(List.of(arguments));
        return programs.with("PYTHONPATH", pip.path).run(command);
    }

    /** A token that may only publish one project. */
    private String narrow(String project) throws IOException, InterruptedException {
        var answer = SHARED.server.http.send(
                SHARED.server
                        .authorized("/_api/v1/tokens")
                        .POST(BodyPublishers.ofString("""
                                {"label":"narrow","caches":["%s"],"ecosystems":["pypi"],"packages":["%s"],
                                 "actions":["publish"]}""".formatted(CACHE, project)))
                        .header("Content-Type", "application/json")
                        .build(),
                BodyHandlers.ofString());
        return JSON.readTree(answer.body()).path("token").asText();
    }

    /** With hashes, so that pip compares the download with the upload. */
    @Test
    void pipInstallsUploadedFiles() throws IOException {
        var wheel = wheel("nx_twine", "1.0", "Requires-Dist: nx_twine_mast>=1.0\nRequires-Python: >=3.8\n");
        var mast = wheel("nx_twine_mast", "1.0", "Summary: Tall\n");
        twine(token, wheel, sdist("nx_twine", "1.0"), wheel("nx_twine", "1.1", ""), mast)
                .succeeded();
        var requirements = Files.writeString(
                scratch.resolve("requirements.txt"),
                "nx_twine==1.0 --hash=sha256:%s\nnx_twine_mast==1.0 --hash=sha256:%s\n"
                        .formatted(hash(wheel), hash(mast)));
        for (var pip : Pip.values()) {
            var versions = pip(pip, "index", "versions", "nx_twine").succeeded().out();
            assertTrue(versions.contains("Available versions: 1.1, 1.0"), pip + ": " + versions);
            var target = scratch.resolve("lib-" + pip).toString();
            pip(pip, "install", "--only-binary=:all:", "--target", target, "-r", requirements.toString())
                    .succeeded();
            var imported = programs.with("PYTHONPATH", target)
                    .run(
                            "/usr/bin/python3",
                            "-c",
                            "import nx_twine, nx_twine_mast; print(nx_twine.VERSION, nx_twine_mast.VERSION)");
            assertEquals("1.0 1.0", imported.succeeded().out().strip(), pip.toString());
        }
    }

    private static String hash(Path file) throws IOException {
        return NixHash.sha256(Files.readAllBytes(file)).hex();
    }

    @Test
    void twineShowsTheErrorMessage() throws Exception {
        var file = wheel("nx_again", "1.0", "");
        twine(token, file).succeeded();
        twine(token, file).succeeded();
        Files.write(file, ArchiveFixture.wheel("nx_again", "1.0", "Summary: other\n"));
        var refused = said(twine(token, file).failed());
        assertTrue(refused.contains("400 File already exists ('nx_again-1.0-py3-none-any.whl', with sha256"), refused);
        var skipped = said(twine(token, "--skip-existing", file).succeeded());
        assertTrue(skipped.contains("Skipping nx_again-1.0-py3-none-any.whl"), skipped);
        assertEquals(200, release("DELETE", "nx-again@1.0", ""));
        var gone = said(twine(token, file).failed());
        assertTrue(gone.contains("400 This filename has previously been used"), gone);
        twine(token, "--skip-existing", file).succeeded();
    }

    private static int release(String method, String path, String body) throws IOException, InterruptedException {
        return SHARED.server
                .http
                .send(
                        SHARED.server
                                .authorized("/_api/v1/" + CACHE + "/releases/pypi/" + path)
                                .method(method, BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    /** PypiClientsIT tests how pip chooses among yanked versions. */
    @Test
    void pipSkipsYankedVersion() throws Exception {
        twine(token, wheel("nx_yank", "1.0", ""), wheel("nx_yank", "1.1", "")).succeeded();
        assertEquals(200, release("POST", "nx_yank@1.1/yank", "{\"reason\":\"it leaks\"}"));
        pip(Pip.NEW, "download", "--no-deps", "-d", "first", "nx_yank").succeeded();
        assertTrue(Files.exists(scratch.resolve("first/nx_yank-1.0-py3-none-any.whl")));
        var pinned = said(pip(Pip.NEW, "download", "--no-deps", "-d", "first", "nx_yank==1.1")
                .succeeded());
        assertTrue(pinned.contains("Reason for being yanked: it leaks"), pinned);
        assertEquals(200, release("POST", "nx_yank@1.1/unyank", ""));
        pip(Pip.NEW, "download", "--no-deps", "-d", "then", "nx_yank").succeeded();
        assertTrue(Files.exists(scratch.resolve("then/nx_yank-1.1-py3-none-any.whl")));
    }

    /** With a file larger than the socket buffers, so that the response arrives before everything was sent. */
    @Test
    void twineShowsMissingPermission() throws Exception {
        var noise = new byte[12 << 20];
        new Random(1).nextBytes(noise);
        var text = new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1);
        var large = put(
                "nx_large-1.0-py3-none-any.whl",
                ArchiveFixture.wheel("nx_large", "1.0", "", Map.of("nx_large/data.bin", text)));
        var wrong = said(twine("nrx_wrong", large).failed());
        assertTrue(wrong.contains("401 This token is unknown"), wrong);
        var narrow = narrow("nx-other");
        var other = said(twine(narrow, large).failed());
        assertTrue(other.contains("403 The scope of the token 'narrow' does not let it publish this"), other);
        assertTrue(other.contains("Create a token whose scope includes the action, the cache and the package."), other);
        twine(narrow, wheel("nx_other", "1.0", "")).succeeded();
        twine(token, large).succeeded();
    }

    private void assertTaken(String name) {
        pip(Pip.NEW, "download", "--no-deps", "--only-binary=:all:", "-d", "got", name + "==1.0")
                .succeeded();
        assertTrue(Files.exists(scratch.resolve("got/" + name + "-1.0-py3-none-any.whl")));
        assertEquals(List.of(name + "-1.0-py3-none-any.whl", name + "-1.0.tar.gz"), filenames(name.replace('_', '-')));
    }

    private static List<String> filenames(String project) {
        try {
            var answer = SHARED.server.http.send(
                    SHARED.server
                            .request("/registry/" + CACHE + "/pypi/simple/" + project + "/")
                            .header("Accept", "application/vnd.pypi.simple.v1+json")
                            .build(),
                    BodyHandlers.ofString());
            return JSON.readTree(answer.body()).path("files").findValuesAsText("filename").stream()
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void flitPublishes() throws IOException {
        Files.writeString(scratch.resolve("pyproject.toml"), """
                [build-system]
                requires = ["flit_core >=3.2,<4"]
                build-backend = "flit_core.buildapi"
                [project]
                name = "nx_flit"
                version = "1.0"
                description = "By flit"
                requires-python = ">=3.8"
                """);
        Files.writeString(scratch.resolve("nx_flit.py"), "VERSION = '1.0'\n");
        programs.with("FLIT_INDEX_URL", REPOSITORY)
                .with("FLIT_USERNAME", "__token__")
                .with("FLIT_PASSWORD", token)
                .run("flit", "publish")
                .succeeded();
        assertTaken("nx_flit");
    }

    @Test
    void poetryPublishes() throws IOException {
        Files.writeString(scratch.resolve("pyproject.toml"), """
                [tool.poetry]
                name = "nx-poetry"
                version = "1.0"
                description = "By poetry"
                authors = ["Ada <ada@example.org>"]
                packages = [{include = "nx_poetry.py"}]
                [tool.poetry.dependencies]
                python = ">=3.9"
                nx-mast = ">=1.0,<2"
                [build-system]
                requires = ["poetry-core"]
                build-backend = "poetry.core.masonry.api"
                """);
        Files.writeString(scratch.resolve("nx_poetry.py"), "VERSION = '1.0'\n");
        var publish = List.of("poetry", "publish", "--build", "-n", "-r", "here", "-u", "__token__", "-p", token);
        programs.run(publish).succeeded();
        assertTaken("nx_poetry");
        put("nx_poetry-1.0-py3-none-any.whl", ArchiveFixture.wheel("nx_poetry", "1.0", "Summary: other\n"));
        var again = said(
                programs.run(publish.stream().filter(a -> !a.equals("--build")).toList())
                        .failed());
        assertTrue(again.contains("File already exists"), again);
    }

    @Test
    void pdmPublishes() throws IOException {
        Files.writeString(scratch.resolve("pyproject.toml"), "[project]\nname = \"nx-pdm\"\nversion = \"1.0\"\n");
        wheel("nx_pdm", "1.0", "Home-page: https://example.org\n");
        sdist("nx_pdm", "1.0");
        var publish =
                List.of("pdm", "publish", "--no-build", "--repository", REPOSITORY, "-u", "__token__", "-P", token);
        programs.run(publish).succeeded();
        assertTaken("nx_pdm");
        put("nx_pdm-1.0-py3-none-any.whl", ArchiveFixture.wheel("nx_pdm", "1.0", "Summary: other\n"));
        var again = said(programs.run(publish).failed());
        assertTrue(again.contains("File already exists"), again);
    }

    @Test
    void twineUploadsAttestations() throws Exception {
        var file = wheel("nx_signed", "1.0", "");
        var key = SigningKeyFixture.make(Files.createDirectories(scratch.resolve("keys")), AttestationFixture.SIGNER);
        var name = file.getFileName().toString();
        var good = AttestationFixture.attestation(
                key, AttestationFixture.statement(name, Files.readAllBytes(file), AttestationFixture.PUBLISH));
        var other = AttestationFixture.attestation(
                key, AttestationFixture.statement(name, new byte[1], AttestationFixture.PUBLISH));
        var beside = scratch.resolve("dist/" + name + ".publish.attestation");
        Files.writeString(beside, other.toString());
        var refused = said(twine(token, "--attestations", file, beside).failed());
        assertTrue(
                refused.contains("400 Invalid attestations supplied during upload: It is about another file"), refused);
        Files.writeString(beside, good.toString());
        twine(token, "--attestations", file, beside).succeeded();
        var page = get("/registry/" + CACHE + "/pypi/simple/nx-signed/");
        var url = page.path("files").path(0).path("provenance").asText();
        assertTrue(url.endsWith("/" + name + ".provenance"), page.toString());
        var provenance = get(url.substring(url.indexOf("/registry/")));
        assertEquals(
                good,
                provenance
                        .path("attestation_bundles")
                        .path(0)
                        .path("attestations")
                        .path(0));
    }

    private static JsonNode get(String path) throws IOException, InterruptedException {
        var answer = SHARED.server.http.send(
                SHARED.server
                        .request(path)
                        .header("Accept", "application/vnd.pypi.simple.v1+json")
                        .build(),
                BodyHandlers.ofString());
        return JSON.readTree(answer.body());
    }

    /** By both store paths of nixpkgs' fetchers, from a cache whose keys are not trusted. */
    @Test
    void nixFetchesTheWheelWithoutASignature() throws Exception {
        var file = wheel("nx_for_nix", "1.0", "");
        twine(token, file).succeeded();
        UnsignedNixFetch.taken(
                CORPUS,
                scratch,
                SHARED.server.uri("/" + CACHE),
                file.getFileName().toString(),
                Files.readAllBytes(file));
    }
}
