package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.narthex.client.support.CargoProject;
import dev.narthex.client.support.CrateFixture;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.PluginAssembly;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A registry outside of Narthex: {@code plugins/cargo} and the plugin in docs/plugins.md are built by their own poms, with
 * their tests, and added to the built application. Then real cargo uses the registry, with crates that it packaged itself and
 * nix pushed.
 */
class PluginIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String REGISTRY = "/registry/main/cargo";
    private static final String PLUGIN = "dev.narthex.plugin.cargo";
    private static final List<String> OPEN_TO_PLUGINS = List.of(
            "dev.narthex.spi",
            "dev.narthex.nix",
            "dev.narthex.problem",
            "dev.narthex.http",
            "dev.narthex.archive",
            "dev.narthex.ecosystem");

    @TempDir
    static Path folder;

    private static Path jar;
    private static Server server;
    private static CrateFixture crates;

    @TempDir
    Path scratch;

    @BeforeAll
    static void assemble() throws Exception {
        var assembled = new PluginAssembly(folder);
        var cargo = assembled.copy(Path.of("plugins/cargo"));
        var app = assembled.with(cargo, assembled.ofDocs());
        jar = cargo.resolve("target/narthex-cargo-0.1.0.jar");
        var data = Server.freshFolder();
        server = Server.start(app, data, Server.SHORT_LIVED);
        crates = new CrateFixture(server, Files.createDirectories(folder.resolve("crates")));
        crates.push("main", crates.wick("1.0.0", 10), crates.wick("1.1.0", 99));
        await("/api/main/cargo/wick@1.0.0");
        await("/api/main/cargo/wick@1.1.0");
        try (var rows = new ServerDatabase(server)) {
            rows.withdraw("wick", "1.1.0", "yanked");
            rows.cache("cellar", false);
        }
        crates.push("main", crates.lantern("0.3.0"));
        await("/api/main/cargo/nx_lantern@0.3.0");
        crates.push("cellar", crates.file("wick-1.0.0.crate"));
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
            DataFolders.delete(server.data());
        }
    }

    @Test
    void cargoBuildsTwoCratesWithFeatures() throws Exception {
        var project = new CargoProject(scratch, server, "main");
        var command = twin("/api/main/cargo/nx_lantern@0.3.0")
                .path("doors")
                .path(0)
                .path("commands")
                .path(0)
                .path("command")
                .asText();
        assertTrue(command.startsWith("cargo add nx-lantern@0.3.0 --registry main"), command);
        project.run("sh", "-c", command + " --features bright").succeeded();
        project.cargo("add", "wick", "--registry", "main").succeeded();
        project.main("println!(\"{} {}\", nx_lantern::shine(), wick::length());");
        assertEquals(
                "shines 20 20",
                project.cargo("run", "--quiet").succeeded().out().strip());
        var lock = project.lock();
        assertTrue(lock.contains("name = \"wick\"\nversion = \"1.0.0\""), lock);
        assertTrue(lock.contains(sha256(crates.file("wick-1.0.0.crate"))), lock);
    }

    @Test
    void optionalDependencyNeedsItsFeature() throws Exception {
        var project = new CargoProject(scratch, server, "main");
        project.cargo("add", "nx-lantern", "--registry", "main").succeeded();
        project.main("println!(\"{}\", nx_lantern::shine());");
        assertEquals("dark", project.cargo("run", "--quiet").succeeded().out().strip());
    }

    @Test
    void sourceReplacementWorks() throws Exception {
        var project = new CargoProject(scratch, server, "main").inPlaceOfTheDefault();
        project.depend("nx-lantern = { version = \"0.3\", features = [\"bright\"] }");
        project.main("println!(\"{}\", nx_lantern::shine());");
        assertEquals(
                "shines 20", project.cargo("run", "--quiet").succeeded().out().strip());
    }

    @Test
    void yankedVersionIsNotSelected() throws Exception {
        var project = new CargoProject(scratch, server, "main");
        project.depend("wick = { version = \"=1.1.0\", registry = \"main\" }");
        var refused = project.cargo("generate-lockfile").failed().err();
        assertTrue(refused.contains("yanked"), refused);
        assertTrue(index("wi/ck/wick").body().contains("\"vers\":\"1.1.0\""));
    }

    @Test
    void cargoUpdateFindsNewVersions() throws Exception {
        var project = new CargoProject(scratch, server, "main");
        project.depend("tally = { version = \"1\", registry = \"main\" }");
        crates.push("main", crates.tally("1.0.0"));
        await("/api/main/cargo/tally@1.0.0");
        project.cargo("generate-lockfile").succeeded();
        crates.push("main", crates.tally("1.4.0"));
        await("/api/main/cargo/tally@1.4.0");
        var said = project.cargo("update").succeeded().err();
        assertTrue(said.contains("Updating tally v1.0.0") && said.contains("v1.4.0"), said);
    }

    @Test
    void cargoSearchAndInfoFindTheCrate() throws Exception {
        var project = new CargoProject(scratch, server, "main");
        var found = project.cargo("search", "lantern", "--registry", "main").succeeded();
        assertEquals(
                "nx-lantern = \"0.3.0\"    # Shows light",
                found.out().lines().findFirst().orElse(""));
        var info = project.cargo("info", "nx-lantern", "--registry", "main", "--color", "never")
                .succeeded()
                .out();
        assertTrue(info.contains("version: 0.3.0") && info.contains("license: MIT"), info);
        assertTrue(info.contains("bright"), info);
    }

    @Test
    void missingCrateIsReported() throws Exception {
        var project = new CargoProject(scratch, server, "main");
        var said = project.cargo("add", "nothing-here", "--registry", "main")
                .failed()
                .err();
        assertTrue(said.contains("could not be found in registry"), said);
        var answer = get(REGISTRY + "/index/no/th/nothing-here", Map.of());
        assertEquals(404, answer.statusCode());
        assertTrue(JSON.readTree(answer.body())
                .path("errors")
                .path(0)
                .path("detail")
                .asText()
                .contains("nothing-here"));
        var published = project.cargo("publish", "--registry", "main", "--no-verify", "--token", "x")
                .failed()
                .err();
        assertFalse(published.contains("500"), published);
    }

    @Test
    void unchangedIndexIsAnsweredWith304() throws Exception {
        for (var path : List.of("/index/wi/ck/wick", "/index/config.json", "/index/all.json")) {
            var first = get(REGISTRY + path, Map.of());
            assertEquals(200, first.statusCode(), path);
            var etag = first.headers().firstValue("ETag").orElseThrow();
            assertEquals(
                    304, get(REGISTRY + path, Map.of("If-None-Match", etag)).statusCode(), path);
        }
    }

    @Test
    void crateListLinksToEachCrate() throws Exception {
        var all = JSON.readTree(get(REGISTRY + "/index/all.json", Map.of()).body())
                .path("crates");
        var config =
                JSON.readTree(get(REGISTRY + "/index/config.json", Map.of()).body());
        var names = new TreeSet<String>();
        for (var crate : all) {
            names.add(crate.path("name").asText());
            assertTrue(index(crate.path("index").asText())
                    .body()
                    .contains("\"vers\":\"" + crate.path("vers").asText() + "\""));
            var address = config.path("dl").asText() + "/" + crate.path("name").asText() + "/"
                    + crate.path("vers").asText() + "/download";
            var file = server.http.send(
                    server.request(URI.create(address).getPath()).build(), BodyHandlers.ofByteArray());
            assertEquals(
                    crate.path("cksum").asText(), NixHash.sha256(file.body()).hex());
        }
        assertTrue(names.containsAll(List.of("nx-lantern", "wick")), names.toString());
    }

    @Test
    void privateCacheAcceptsCargoToken() throws Exception {
        var refused = get("/registry/cellar/cargo/index/config.json", Map.of());
        assertEquals(401, refused.statusCode());
        assertEquals("Cargo", refused.headers().firstValue("WWW-Authenticate").orElse(""));
        var project = new CargoProject(scratch, server, "cellar");
        project.depend("wick = { version = \"1\", registry = \"cellar\" }");
        assertTrue(project.cargo("fetch").failed().err().contains("no token found"));
        project.token(Files.readString(server.data().resolve("admin-token")).strip());
        await("/registry/cellar/cargo/index/wi/ck/wick");
        project.cargo("fetch").succeeded();
    }

    @Test
    void crateHasAPageAColorAndIsFoundBySearch() throws Exception {
        var page = get("/main/cargo/nx_lantern", Map.of());
        assertEquals(200, page.statusCode());
        for (var part : List.of(
                "cargo add", "Features by default", "Other features", "class=\"badge eco eco-cargo\"", "Cargo")) {
            assertTrue(page.body().contains(part), part);
        }
        assertTrue(get("/assets/narthex.css", Map.of()).body().contains(".eco-cargo { --hue:"));
        assertTrue(get("/main", Map.of()).body().contains(".cargo/config.toml"));
        assertTrue(get("/docs/cargo?cache=main", Map.of()).body().contains("cargo add CRATE"));
        assertTrue(get("/docs", Map.of()).body().contains("href=\"/docs/cargo\""));
        assertTrue(get("/search?q=lantern", Map.of()).body().contains("/main/cargo/nx_lantern"));
        var sent = get(REGISTRY + "/index/nx/-l/nx-lantern", Map.of("Sec-Fetch-Mode", "navigate"));
        assertEquals(303, sent.statusCode());
        assertTrue(sent.headers().firstValue("Location").orElse("").endsWith("/main/cargo/nx_lantern"));
    }

    @Test
    void exampleOfTheReadmeListsItsPackages() throws Exception {
        var poster = Files.writeString(scratch.resolve("harbour-2.1.poster"), "A harbour\n");
        crates.push("main", poster);
        await("/api/main/posters/harbour@2.1");
        assertTrue(get("/main/posters/harbour", Map.of()).body().contains("A poster"));
        var files = twin("/api/main/posters/harbour@2.1").path("outputs");
        assertEquals("harbour-2.1.poster", files.path(0).path("filename").asText());
    }

    @Test
    void pluginImportsOnlyTheSpi() throws IOException {
        var seen = new TreeSet<String>();
        for (var type : new ClassFileImporter().importJar(new JarFile(jar.toFile()))) {
            for (var dependency : type.getDirectDependenciesFromSelf()) {
                var target = dependency.getTargetClass().getPackageName();
                if (target.startsWith("dev.narthex.") && !target.startsWith(PLUGIN)) {
                    seen.add(target);
                }
            }
        }
        assertFalse(seen.isEmpty());
        seen.removeAll(OPEN_TO_PLUGINS);
        assertEquals(List.of(), new ArrayList<>(seen));
    }

    @Test
    void serverDoesNotMentionThePlugin() throws IOException {
        try (var files = Files.walk(Path.of("src/main"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var text = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertFalse(
                        text.contains("\"cargo\"") || text.contains(PLUGIN) || text.contains("crate"), () -> file + "");
            }
        }
    }

    private static HttpResponse<String> index(String path) throws Exception {
        return get(REGISTRY + "/index/" + path, Map.of());
    }

    private static HttpResponse<String> get(String path, Map<String, String> headers) throws Exception {
        var request = server.request(path);
        headers.forEach(request::header);
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode twin(String path) throws Exception {
        return JSON.readTree(get(path, Map.of()).body());
    }

    /** Waits until a pushed package is recognized. */
    private static void await(String path) throws Exception {
        long begun = System.nanoTime();
        while (server.http
                        .send(server.authorized(path).build(), BodyHandlers.discarding())
                        .statusCode()
                != 200) {
            assertTrue(System.nanoTime() - begun < LIMIT_NANOS, () -> path + " does not appear");
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static String sha256(Path file) throws IOException {
        return NixHash.sha256(Files.readAllBytes(file)).hex();
    }
}
