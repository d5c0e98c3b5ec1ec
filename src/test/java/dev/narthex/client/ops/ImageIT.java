package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.FreePort;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The container image of {@code deploy/image} is complete, reproducible, and runs in an empty system. It runs like under
 * Kubernetes: as its user, with a read-only file system except for its volumes.
 */
@Tag("long")
class ImageIT {
    private static final String RUN = """
            mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs none "$1/tmp" \
            && mount --bind "$2" "$1/data" && mount -o remount,bind,ro "$1" && shift 2 && exec "$@"
            """;

    @TempDir
    Path scratch;

    @Test
    void imageRunsAServer() throws Exception {
        var image = made("one.tar");
        assertEquals(-1, Files.mismatch(image, made("two.tar")), "made again it is another image");
        var layout = Files.createDirectories(scratch.resolve("layout"));
        new ProgramRunner(scratch)
                .run("tar", "-xf", image.toString(), "-C", layout.toString())
                .succeeded();
        var index = json(Files.readAllBytes(layout.resolve("index.json")));
        var manifest = json(blob(layout, index.at("/manifests/0")));
        var config = json(blob(layout, manifest.path("config")));
        var root = Files.createDirectories(scratch.resolve("root"));
        for (var layer : manifest.path("layers")) {
            blob(layout, layer);
            new ProgramRunner(scratch)
                    .run("tar", "-xzpf", place(layout, layer).toString(), "-C", root.toString(), "--same-owner")
                    .succeeded();
        }
        assertEquals(
                manifest.path("layers").size(), config.at("/rootfs/diff_ids").size());
        runs(root, config);
    }

    private Path made(String name) {
        var file = scratch.resolve(name);
        new ProgramRunner(scratch)
                .with("JAVA_HOME", System.getProperty("java.home"))
                .run(Path.of("deploy/image").toAbsolutePath().toString(), file.toString())
                .succeeded();
        return file;
    }

    private static JsonNode json(byte[] text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private static Path place(Path layout, JsonNode descriptor) {
        return layout.resolve("blobs/" + descriptor.path("digest").asText().replace(':', '/'));
    }

    /** Checks digest and size of a descriptor. */
    private static byte[] blob(Path layout, JsonNode descriptor) throws IOException {
        var bytes = Files.readAllBytes(place(layout, descriptor));
        assertEquals(descriptor.path("size").asLong(), bytes.length);
        assertEquals(
                descriptor.path("digest").asText(),
                "sha256:" + HexFormat.of().formatHex(NixHash.sha256(bytes).bytes()));
        return bytes;
    }

    private void runs(Path root, JsonNode config) throws Exception {
        int port = FreePort.choose();
        int managementPort = FreePort.choose();
        var data = Files.createDirectories(scratch.resolve("data"));
        var user = config.at("/config/User").asText();
        new ProgramRunner(scratch).run("chown", user, data.toString()).succeeded();
        var command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                RUN,
                "sh",
                root.toString(),
                data.toString(),
                "chroot",
                "--userspec=" + user,
                root.toString(),
                "/bin/sh",
                "-c",
                "cd \"$0\" && exec \"$@\"",
                config.at("/config/WorkingDir").asText()));
        config.at("/config/Entrypoint").forEach(word -> command.add(word.asText()));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("log").toFile());
        builder.environment().clear();
        config.at("/config/Env").forEach(node -> {
            var part = node.asText().split("=", 2);
            builder.environment().put(part[0], part[1]);
        });
        builder.environment().put("PATH", builder.environment().get("PATH") + ":/usr/sbin:/sbin");
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("NARTHEX_MANAGEMENT_PORT", Integer.toString(managementPort));
        var process = builder.start();
        try (var http = HttpClient.newHttpClient()) {
            Poll.until("the image answers", () -> {
                assertTrue(process.isAlive(), () -> log());
                return status(http, managementPort, "/q/health/ready") == 200;
            });
            assertEquals(200, status(http, port, "/main/nix-cache-info"));
            assertEquals(200, status(http, port, "/main"));
            assertTrue(Files.exists(data.resolve("admin-token")));
            takesPush(http, port, data);
        } finally {
            var server = process.descendants()
                    .filter(one -> one.info().command().orElse("").endsWith("/java"))
                    .findFirst();
            server.ifPresent(ProcessHandle::destroy);
            if (!process.waitFor(90, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        assertEquals(143, process.exitValue(), log());
        assertTrue(!Files.exists(data.resolve("postgres/17/data/postmaster.pid")), "the database still runs");
    }

    private static void takesPush(HttpClient http, int port, Path data) throws Exception {
        var nar = SmallNar.of(Map.of("name", "image"));
        var path = SmallNar.path("image");
        var token = Files.readString(data.resolve("admin-token")).strip();
        put(http, port, token, "nar/" + SmallNar.fileName(nar.bytes()), nar.bytes());
        var narInfo = SmallNar.text(nar.narInfo(path)).getBytes(StandardCharsets.UTF_8);
        put(http, port, token, SmallNar.hashPart(path) + ".narinfo", narInfo);
    }

    private static void put(HttpClient http, int port, String token, String target, byte[] body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/main/" + target))
                .header("Authorization", "Bearer " + token)
                .PUT(BodyPublishers.ofByteArray(body))
                .build();
        var answer = http.send(request, BodyHandlers.ofString());
        assertTrue(answer.statusCode() <= 201, answer.body());
    }

    private String log() {
        try {
            return Files.readString(scratch.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static int status(HttpClient http, int port, String path) throws InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }
}
