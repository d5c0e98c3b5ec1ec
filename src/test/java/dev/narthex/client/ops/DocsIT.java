package dev.narthex.client.ops;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NodeClient;
import dev.narthex.client.support.NodeClient.Task;
import dev.narthex.client.support.NpmFixture;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs the commands of the docs pages with the clients that they are for. */
class DocsIT {
    private static final String PRIVATE = "quay";
    private static final Pattern BLOCK = Pattern.compile(
            "<div class=\"code[^\"]*\"><pre [^>]*aria-label=\"([^\"]*)\"><code>(.*?)</code></pre>", Pattern.DOTALL);
    private static final SharedServer SHARED = SharedServer.instance();

    @TempDir
    Path scratch;

    private ProgramRunner programs;

    @BeforeAll
    static void caches() throws Exception {
        NpmFixture.launch(SHARED);
        var made = SHARED.server.http.send(
                SHARED.server
                        .authorized("/_api/v1/caches")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + PRIVATE + "\"}"))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, made.statusCode(), made.body());
    }

    @BeforeEach
    void home() throws IOException {
        programs = CORPUS.nix(scratch)
                .with("NARTHEX_TOKEN", SHARED.bearer().replaceFirst(".* ", ""))
                .with("NO_COLOR", "1")
                .with("CI", "1")
                .with("DO_NOT_TRACK", "1")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
                .with("PDM_CHECK_UPDATE", "0")
                .with("POETRY_VIRTUALENVS_CREATE", "false")
                .with("YARN_ENABLE_TELEMETRY", "0")
                .with("YARN_ENABLE_GLOBAL_CACHE", "false")
                .with("YARN_NODE_LINKER", "node-modules");
    }

    /** Returns the code blocks of a page by label. */
    private static Map<String, String> blocks(String page) throws Exception {
        var answer = SHARED.server.http.send(
                SHARED.server.authorized(page).header("Accept", "text/html").build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), page);
        var blocks = new HashMap<String, String>();
        for (var m = BLOCK.matcher(answer.body()); m.find(); ) {
            blocks.put(m.group(1), text(m.group(2)));
        }
        return blocks;
    }

    /** Returns the text that the copy button copies. */
    private static String text(String html) {
        return html.replaceAll("<span class=\"p\">[^<]*</span>", "")
                .replaceAll("<[^>]*>", "")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
                .strip();
    }

    private ProgramRunner.Result run(String commands) {
        return programs.run("bash", "-euc", commands).succeeded();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(scratch.resolve(name), text + "\n");
    }

    // ── common ──

    @Test
    void tokenIsCreatedWithTheShownCommand() throws Exception {
        var answer = run(blocks("/docs?cache=main").get("make a token")).out();
        var token = new ObjectMapper().readTree(answer);
        assertTrue(token.path("token").asText().startsWith("nrx_"), answer);
        assertEquals(
                "main", token.path("is").path("scope").path("caches").path(0).asText(), answer);
    }

    @Test
    void retentionRulesAreValidJson() throws Exception {
        for (var ecosystem : List.of("npm", "pypi")) {
            var rule = blocks("/docs/" + ecosystem + "?cache=main").entrySet().stream()
                    .filter(block -> block.getKey().startsWith("rule for"))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    ecosystem,
                    new ObjectMapper().readTree(rule).path("ecosystem").asText(),
                    rule);
        }
    }

    // ── nix ──

    private static String script() {
        return CORPUS.items().stream()
                .filter(item -> item.name().startsWith("hello-script"))
                .findFirst()
                .orElseThrow()
                .path();
    }

    @Test
    void nixFetchesWithTheSettings() throws Exception {
        var blocks = blocks("/docs/nix?cache=main");
        var settings = write("nix.conf", blocks.get("nix.conf"));
        programs.with("NIX_USER_CONF_FILES", settings.toString())
                .run("nix-store", "--store", scratch.resolve("fresh").toString(), "--realise", script())
                .succeeded();
        programs.with("NIX_USER_CONF_FILES", "")
                .with("NIX_REMOTE", scratch.resolve("once").toString());
        run(blocks.get("fetch a path").replace("PATH", script()));
        assertTrue(Files.exists(scratch.resolve("once" + script())), "the path is there");
        run("nix-instantiate --parse -E '{ " + blocks.get("configuration.nix") + " }'");
        Files.createDirectories(scratch.resolve("flake"));
        write("flake/flake.nix", "{ " + blocks.get("flake.nix") + " outputs = _: { answer = 42; }; }");
        var answer = run("nix eval --accept-flake-config path:" + scratch.resolve("flake") + "#answer");
        assertEquals("42", answer.out().strip());
    }

    @Test
    void nixPushesWithTheToken() throws Exception {
        var blocks = blocks("/docs/nix?cache=" + PRIVATE);
        programs.with("NIX_REMOTE", CORPUS.store());
        run(blocks.get("save the token"));
        Files.createSymbolicLink(scratch.resolve("result"), Path.of(script()));
        for (var step : List.of("push a build", "push its derivation", "push its log")) {
            run(blocks.get(step));
        }
        var here = "/api/" + PRIVATE + "/path/" + SmallNar.hashPart(script());
        assertEquals(200, status(here));
        write("default.nix", """
                let drv = derivation { name = "docs-1.0"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; };
                in { docs = drv // { meta.description = "Described"; }; }""");
        run(blocks.get("describe packages"));
    }

    private static int status(String address) throws IOException, InterruptedException {
        return SHARED.server
                .http
                .send(SHARED.server.authorized(address).build(), BodyHandlers.discarding())
                .statusCode();
    }

    // ── npm ──

    private void project() throws IOException {
        write("package.json", "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
    }

    private static String settings(NodeClient client) {
        return client == NodeClient.YARN_BERRY ? ".yarnrc.yml" : ".npmrc";
    }

    /** One for each configuration file; all clients install with them from a private cache below. */
    @ParameterizedTest
    @EnumSource(names = {"NPM", "YARN_BERRY"})
    void npmAndYarnInstallFromAPublicCache(NodeClient client) throws Exception {
        project();
        if (client == NodeClient.YARN_BERRY) {
            write("yarn.lock", "");
        }
        write(settings(client), blocks("/docs/npm?cache=main").get(settings(client)));
        client.run(programs, Task.ADD, "boat-oar").succeeded();
        assertTrue(Files.exists(scratch.resolve("node_modules/boat-oar/index.js")));
    }

    @Test
    void npmPublishesToAPrivateCacheThatClientsRead() throws Exception {
        var blocks = blocks("/docs/npm?cache=" + PRIVATE);
        // below the home folder, because npm 9 confuses the configuration of a project in the home folder with that of
        // its user
        Files.createDirectories(scratch.resolve("buoy"));
        write("buoy/package.json", "{\"name\":\"buoy\",\"version\":\"1.0.0\"}");
        run("cd buoy\n" + blocks.get("give npm the token"));
        run("cd buoy\n" + blocks.get("publish"));
        run("cd buoy\n" + blocks.get("tags").replace("PACKAGE@VERSION", "buoy@1.0.0"));
        for (var client : NodeClient.values()) {
            DataFolders.delete(scratch);
            Files.createDirectories(scratch);
            project();
            if (client == NodeClient.YARN_BERRY) {
                write("yarn.lock", "");
            }
            var settings = settings(client);
            var more = client == NodeClient.YARN_CLASSIC ? "\n" + blocks.get(".npmrc for yarn 1") : "";
            write(settings, blocks.get(settings) + "\n" + blocks.get(settings + " of a private cache") + more);
            client.run(programs, Task.ADD, "buoy").succeeded();
            assertTrue(Files.exists(scratch.resolve("node_modules/buoy/package.json")), client.name());
        }
    }

    @Test
    void scopeIsInstalledFromThisRegistry() throws Exception {
        project();
        write(".npmrc", blocks("/docs/npm?cache=main").get(".npmrc of a scope").replace("@main:", "@boat:"));
        assertEquals(
                "1.0.0",
                programs.run("npm", "view", "@boat/sail", "version")
                        .succeeded()
                        .out()
                        .strip());
    }

    @Test
    void npmLockfileIsBuilt() throws Exception {
        var blocks = blocks("/docs/npm?cache=main");
        project();
        write(".npmrc", blocks.get(".npmrc"));
        programs.run("npm", "install", "debug").succeeded();
        programs.with("NIX_REMOTE", scratch.resolve("fresh").toString());
        var built = run(blocks.get("lock of npm")).out();
        assertTrue(built.startsWith("/nix/store/"), built);
    }

    // ── PyPI ──

    @Test
    void pipInstallsWithConfigurationAndWithOptions() throws Exception {
        var blocks = blocks("/docs/pypi?cache=main");
        virtualEnvironment();
        programs.with("PATH", scratch.resolve("venv/bin") + ":" + System.getenv("PATH"));
        var settings = write("pip.conf", blocks.get("pip.conf"));
        programs.with("PIP_CONFIG_FILE", settings.toString());
        run("pip install six && pip uninstall -y six");
        programs.with("PIP_CONFIG_FILE", "/dev/null");
        run(blocks.get("pip").replace("PACKAGE", "six"));
        run("python3 -c 'import six'");
        write("requirements.txt", "six==1.17.0 " + hash("six==1.17.0"));
        programs.with("NIX_REMOTE", scratch.resolve("fresh").toString());
        assertTrue(run(blocks.get("lock of Python")).out().startsWith("/nix/store/"));
    }

    /** With the machine's pip, because venv would unpack and compile another one, which takes 5 seconds. */
    private void virtualEnvironment() throws IOException {
        run("/usr/bin/python3 -m venv --without-pip venv");
        var modules = Files.createDirectories(scratch.resolve("modules"));
        Files.createSymbolicLink(modules.resolve("pip"), Path.of("/usr/lib/python3/dist-packages/pip"));
        var pip = write(
                "venv/bin/pip",
                "#!/bin/sh\nPYTHONPATH='" + modules + "' exec '" + scratch + "/venv/bin/python' -m pip \"$@\"");
        Files.setPosixFilePermissions(pip, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The format of pip in requirements. */
    private String hash(String requirement) throws IOException {
        run("pip download --no-deps -d wheels " + requirement + " --index-url "
                + SHARED.server.uri("/registry/main/pypi/simple/"));
        try (var wheels = Files.list(scratch.resolve("wheels"))) {
            var wheel = Files.readAllBytes(wheels.findFirst().orElseThrow());
            return "--hash=sha256:" + NixHash.sha256(wheel).hex();
        }
    }

    @Test
    void poetryAndPdmLockFromTheCache() throws Exception {
        var blocks = blocks("/docs/pypi?cache=main");
        write("pyproject.toml", """
                [tool.poetry]
                name = "consumer"
                version = "0.1.0"
                description = ""
                authors = []
                package-mode = false
                [tool.poetry.dependencies]
                python = ">=3.11,<4"
                six = "*"
                """ + blocks.get("pyproject.toml for poetry"));
        run("poetry lock -n");
        assertTrue(Files.readString(scratch.resolve("poetry.lock"))
                .contains(SHARED.server.uri("/registry/main").toString()));
        write("pyproject.toml", """
                [project]
                name = "consumer"
                version = "0.1.0"
                requires-python = ">=3.11,<4"
                dependencies = ["six"]
                [tool.pdm]
                distribution = false
                """ + blocks.get("pyproject.toml for pdm"));
        run("pdm use -f /usr/bin/python3 && pdm lock");
        assertTrue(Files.readString(scratch.resolve("pdm.lock")).contains("six-1.17.0"));
    }

    @Test
    void clientsUploadAndPipReadsThePrivateCache() throws Exception {
        var blocks = blocks("/docs/pypi?cache=" + PRIVATE);
        var dist = Files.createDirectories(scratch.resolve("dist"));
        Files.write(dist.resolve("quay_bell-1.0-py3-none-any.whl"), ArchiveFixture.wheel("quay_bell", "1.0", ""));
        run(blocks.get("twine"));
        write("pyproject.toml", """
                [build-system]
                requires = ["flit_core >=3.2,<4"]
                build-backend = "flit_core.buildapi"
                [project]
                name = "quay_flit"
                version = "1.0"
                description = "By flit"
                """);
        write("quay_flit.py", "VERSION = '1.0'");
        run(blocks.get("flit"));
        write("pyproject.toml", """
                [tool.poetry]
                name = "quay-poetry"
                version = "1.0"
                description = "By poetry"
                authors = []
                packages = [{include = "quay_flit.py"}]
                [tool.poetry.dependencies]
                python = ">=3.9"
                [build-system]
                requires = ["poetry-core"]
                build-backend = "poetry.core.masonry.api"
                """);
        run(blocks.get("poetry"));
        DataFolders.delete(dist);
        Files.createDirectories(dist);
        write("pyproject.toml", "[project]\nname = \"quay-pdm\"\nversion = \"1.0\"");
        Files.write(dist.resolve("quay_pdm-1.0-py3-none-any.whl"), ArchiveFixture.wheel("quay_pdm", "1.0", ""));
        // its own build backend would have to be downloaded
        run(blocks.get("pdm") + " --no-build");
        run(blocks.get("save the token"));
        run("python3 -m pip install --target lib quay-bell quay-flit quay-poetry quay-pdm --index-url "
                + SHARED.server.uri("/registry/" + PRIVATE + "/pypi/simple/"));
        assertTrue(new String(Files.readAllBytes(scratch.resolve("lib/quay_bell/__init__.py")), StandardCharsets.UTF_8)
                .contains("1.0"));
    }
}
