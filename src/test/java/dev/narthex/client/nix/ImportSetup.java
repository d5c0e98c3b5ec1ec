package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.nix.NarInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A source cache to import from, and a server to import into. */
abstract class ImportSetup {
    static final Path RUN = Path.of("deploy/run").toAbsolutePath();
    static final ObjectMapper JSON = new ObjectMapper();

    /** The test store as a binary cache, signed by its builder. */
    static Path built;

    static final AtomicInteger NUMBERS = new AtomicInteger();

    static String builderKey = "";
    /** Shared by all classes; each test has its own cache. */
    static Server shared;

    static Path sharedData;

    @TempDir
    Path scratch;

    Path data;
    Server server;
    String cache;

    /** Starts the server and builds the source cache once for all classes; they end with the JVM. */
    @BeforeAll
    static void start() throws IOException, InterruptedException {
        if (shared != null) {
            return;
        }
        built = Files.createTempDirectory("narthex-import");
        sharedData = Server.folder();
        Runtime.getRuntime().addShutdownHook(new Thread(ImportSetup::stop));
        // imports from a source that hangs or is down fail soon
        shared = Server.start(
                sharedData, Server.SHORT_LIVED, "-Dnarthex.import.stalled-after=3s", "-Dnarthex.import.attempts=2");
        var nix = CORPUS.nix(built);
        var key = built.resolve("builder.sec");
        Files.writeString(
                key,
                nix.run("nix", "key", "generate-secret", "--key-name", "builder-1")
                        .succeeded()
                        .out());
        builderKey = nix.run("sh", "-c", "nix key convert-secret-to-public < " + key)
                .succeeded()
                .out()
                .strip();
        var copy = new ArrayList<>(List.of(
                "nix",
                "copy",
                "--from",
                CORPUS.store(),
                "--to",
                "file://" + built.resolve("cache") + "?compression=zstd&secret-key=" + key));
        CORPUS.items().forEach(item -> copy.add(item.path()));
        nix.run(copy).succeeded();
    }

    private static void stop() {
        try {
            if (shared != null) {
                shared.close();
            }
            DataFolders.delete(sharedData);
            DataFolders.delete(built);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void emptyCache() throws Exception {
        data = sharedData;
        server = shared;
        cache = "import-" + NUMBERS.incrementAndGet();
        var answer = server.http.send(
                server.authorized("/_api/v1/caches")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + cache + "\",\"public\":true}"))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, answer.statusCode(), answer.body());
    }

    @AfterEach
    void end() throws IOException {
        if (server != shared) {
            server.close();
            DataFolders.delete(data);
        }
    }

    static void send(HttpExchange exchange, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    ProgramRunner.Result run(String url, String... options) {
        var command = new ArrayList<>(List.of(
                RUN.toString(),
                "import",
                url,
                "--cache",
                cache,
                "--data",
                data.toString(),
                "--port",
                Integer.toString(server.port())));
        command.addAll(List.of(options));
        return new ProgramRunner(scratch).run(command);
    }

    static String[] with(List<String> paths) {
        return paths.toArray(String[]::new);
    }

    JsonNode status(long id) throws Exception {
        var answer = server.http.send(
                server.authorized("/_api/v1/" + cache + "/import/" + id).build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    int status(NarInfo info) throws Exception {
        return server.http
                .send(
                        server.request("/" + cache + "/" + info.path().hash() + ".narinfo")
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    NarInfo narInfo(NarInfo info) throws Exception {
        var answer = server.http.send(
                server.request("/" + cache + "/" + info.path().hash() + ".narinfo")
                        .build(),
                BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), info.path().toString());
        return NarInfo.parse(answer.body());
    }

    static void add(Path cache, String hash, HashSet<String> closure) throws IOException {
        if (closure.add(hash)) {
            for (var reference : NarInfo.parse(Files.readString(cache.resolve(hash + ".narinfo")))
                    .references()) {
                add(cache, reference.substring(0, 32), closure);
            }
        }
    }

    static List<NarInfo> infos(Path cache) throws IOException {
        var infos = new ArrayList<NarInfo>();
        try (var files = Files.list(cache)) {
            for (var file : files.filter(f -> f.toString().endsWith(".narinfo"))
                    .sorted()
                    .toList()) {
                infos.add(NarInfo.parse(Files.readString(file)));
            }
        }
        return infos;
    }

    static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
