package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running server for tests of derived files: nix pushed only trees into it, no tarball and no wheel. Tests only read it. */
public final class TreesFixture {
    public static final Corpus CORPUS = Corpus.open();

    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TreesFixture ONE = new TreesFixture();

    public final Server server;
    private final Set<Item> offered = new HashSet<>();

    private TreesFixture() {
        try {
            var data = Server.folder();
            server = Server.start(data);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.close();
                delete(data);
            }));
            push(data);
            long pushed = System.nanoTime();
            for (var item : trees().toList()) {
                while (!judged(item)) {
                    assertTrue(System.nanoTime() - pushed < LIMIT_NANOS, item + " is neither offered nor refused");
                    TimeUnit.MILLISECONDS.sleep(50);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static TreesFixture instance() {
        return ONE;
    }

    /**
     * A file for clients of an ecosystem.
     *
     * @param needs dependencies: {@code name@range} for npm, as in the metadata for Python
     */
    public record Made(String ecosystem, String name, String version, String file, URI url, List<String> needs) {}

    /** A package that is not offered. */
    public record Refused(Item tree, String name, String version, String reason) {}

    public static Stream<Item> trees() {
        return CORPUS.items().stream()
                .filter(i -> i.kind().equals("package") && i.output().equals("out"))
                .filter(i -> i.ecosystem().equals("npm") || i.ecosystem().equals("pypi"));
    }

    public static Item tree(String ecosystem, String name, String version) {
        return trees().filter(
                        i -> i.ecosystem().equals(ecosystem) && i.version().equals(version))
                .filter(i -> i.packageName().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        ecosystem + " " + name + " " + version + " is offered, and no tree of it was pushed"));
    }

    public Stream<Item> offered(String ecosystem) {
        return trees().filter(item -> item.ecosystem().equals(ecosystem) && offered.contains(item));
    }

    /** Returns everything in the npm registry. */
    public List<Made> tarballs() throws IOException, InterruptedException {
        var made = new ArrayList<Made>();
        var list = json("/api/main/npm");
        assertEquals(1, list.path("pages").path("pages").asInt());
        for (var hit : list.path("hits")) {
            var name = hit.path("name").asText();
            for (var manifest : json("/registry/main/npm/" + name).path("versions")) {
                var url = manifest.path("dist").path("tarball").asText();
                var needs = new ArrayList<String>();
                manifest.path("dependencies")
                        .properties()
                        .forEach(e -> needs.add(e.getKey() + "@" + e.getValue().asText()));
                made.add(new Made(
                        "npm",
                        name,
                        manifest.path("version").asText(),
                        url.replaceFirst(".*/", ""),
                        URI.create(url),
                        needs));
            }
        }
        return made;
    }

    /** Returns everything in the PyPI index. */
    public List<Made> wheels() throws IOException, InterruptedException {
        var made = new ArrayList<Made>();
        for (var project : json("/registry/main/pypi/simple/").path("projects")) {
            var name = project.path("name").asText();
            var page = server.uri("/registry/main/pypi/simple/" + MissingDependencyChecker.normalized(name) + "/");
            for (var file : json(page.getPath()).path("files")) {
                var filename = file.path("filename").asText();
                var url = page.resolve(file.path("url").asText());
                var metadata = new String(bytes(URI.create(url + ".metadata")), StandardCharsets.UTF_8);
                made.add(new Made(
                        "pypi",
                        field(metadata, "Name").getFirst(),
                        field(metadata, "Version").getFirst(),
                        filename,
                        url,
                        field(metadata, "Requires-Dist")));
            }
        }
        return made;
    }

    private static List<String> field(String metadata, String name) {
        return metadata.lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .toList();
    }

    public List<Refused> refused() throws IOException, InterruptedException {
        var refused = new ArrayList<Refused>();
        for (var tree : trees().toList()) {
            for (var each : json("/api/main/path/" + tree.hash()).path("notListed")) {
                refused.add(new Refused(
                        tree,
                        each.path("name").asText(),
                        each.path("version").asText(),
                        each.path("reason").asText()));
            }
        }
        return refused;
    }

    public byte[] bytes(URI url) throws IOException, InterruptedException {
        var answer = server.http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode(), url.toString());
        return answer.body();
    }

    public JsonNode json(String path) throws IOException, InterruptedException {
        var request = server.request(path).header("Accept", "application/vnd.pypi.simple.v1+json, application/json");
        var answer = server.http.send(request.build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), path + ": " + answer.body());
        return JSON.readTree(answer.body());
    }

    private boolean judged(Item item) throws IOException, InterruptedException {
        var release = "/api/main/" + item.ecosystem() + "/" + item.packageName() + "@" + item.version();
        var answer = server.http.send(server.request(release).build(), BodyHandlers.discarding());
        if (answer.statusCode() == 200) {
            offered.add(item);
            return true;
        }
        return !json("/api/main/path/" + item.hash()).path("notListed").isEmpty();
    }

    private void push(Path data) throws IOException {
        var netrc = data.resolve("netrc");
        var token = Files.readString(data.resolve("admin-token")).strip();
        Files.writeString(netrc, "machine 127.0.0.1 login token password " + token + "\n");
        var command = new ArrayList<>(List.of(
                "nix",
                "copy",
                "--option",
                "netrc-file",
                netrc.toString(),
                "--from",
                CORPUS.store(),
                "--to",
                server.uri("/main?compression=zstd").toString()));
        trees().forEach(item -> command.add(item.path()));
        var nix = Files.createTempDirectory("narthex-trees");
        CORPUS.nix(nix).run(command).succeeded();
        DataFolders.delete(nix);
    }

    private static void delete(Path data) {
        try {
            DataFolders.delete(data);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
