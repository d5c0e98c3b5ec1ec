package dev.narthex.client.replicas;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.nix.Compression;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import dev.narthex.store.s3.S3Proxy;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with its packs in a bucket: pushed paths survive a kill, moves between stores, and the loss of the database. */
class S3IT {
    private final String bucket = S3Proxy.running().newBucket();
    private final Path data = createFreshFolder();

    @TempDir
    Path scratch;

    private static Path createFreshFolder() {
        try {
            return Server.freshFolder();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void deleteData() throws IOException {
        DataFolders.delete(data);
    }

    private Server start(String... extraOptions) throws IOException, InterruptedException {
        var options = List.of(
                "-Dnarthex.s3.bucket=" + bucket,
                "-Dnarthex.s3.endpoint=" + S3Proxy.running().endpoint(),
                "-Dnarthex.s3.access-key=" + S3Proxy.ACCESS_KEY,
                "-Dnarthex.s3.secret-key=" + S3Proxy.SECRET_KEY);
        return Server.start(
                data,
                Stream.concat(options.stream(), Arrays.stream(extraOptions)).toArray(String[]::new));
    }

    @Test
    @Tag("long")
    void acknowledgedPushesSurviveAKill() throws Exception {
        var items = smallItems();
        NarInfo large;
        try (var server = start()) {
            push(server, items);
            large = NarClient.push(server, new SeededNar(1, 40 << 20));
            npmInstall(server);
            var body = BodyPublishers.ofInputStream(() -> killAfterAQuarter(server, new SeededNar(2, 96L << 20)));
            var push = server.authorized("/main/nar/half.nar").PUT(body).build();
            assertThrows(IOException.class, () -> server.http.send(push, BodyHandlers.discarding()));
            server.kill();
        }
        var unfinished = S3Proxy.running().backend(bucket, scratch).deleteUnfinished(Duration.ofHours(-1));
        assertEquals(1, unfinished, "unfinished uploads of the killed server");
        assertFalse(Files.exists(data.resolve("store/packs")), "the data folder contains packs");
        try (var server = start("-Dnarthex.s3.redirect=true")) {
            var info = NarClient.narInfo(server, large);
            var redirect =
                    server.http.send(server.request("/main/" + info.url()).build(), BodyHandlers.discarding());
            assertEquals(307, redirect.statusCode());
            assertEquals(
                    "private, max-age=600",
                    redirect.headers().firstValue("Cache-Control").orElse(""));
            var head = server.http.send(
                    server.request("/main/" + info.url())
                            .method("HEAD", BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.discarding());
            assertEquals(200, head.statusCode());
            assertNixDownloads(server, items);
            assertEquals(
                    large.narHash(),
                    downloadHash(
                            server, redirect.headers().firstValue("Location").orElseThrow()));
        }
    }

    private static NixHash downloadHash(Server server, String address) throws Exception {
        var response =
                server.http.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofInputStream());
        try (var nar = Compression.decompress(response.body())) {
            return NixHash.sha256(nar.readAllBytes());
        }
    }

    /** Kills the server after a quarter of the NAR was sent. */
    private static InputStream killAfterAQuarter(Server server, SeededNar nar) {
        try {
            return new FilterInputStream(nar.open()) {
                private long remaining = nar.narSize() / 4;

                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    int n = super.read(b, off, len);
                    remaining -= n;
                    if (remaining < 0 && server.alive()) {
                        try {
                            server.kill();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    return n;
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("long")
    void storeMovesToABucketAndBackDespiteAKill() throws Exception {
        var items = CORPUS.items();
        var pushed = new ArrayList<NarInfo>();
        try (var server = Server.start(data)) {
            push(server, items);
            for (int i = 0; i < 30; i++) {
                pushed.add(NarClient.push(server, new SeededNar(100 + i, (12L << 20) + i)));
            }
            assertEquals(409, requestMove(server, "s3").statusCode());
        }
        moveDespiteAKill("s3", items, pushed);
        moveDespiteAKill("directory", items, pushed, "-Dnarthex.store=directory");
        try (var server = Server.start(data)) {
            assertNixDownloads(server, items);
            assertDownloads(server, pushed);
        }
    }

    private void moveDespiteAKill(String target, List<Item> items, List<NarInfo> pushed, String... options)
            throws Exception {
        var killed = start(options);
        long total = moveStatus(killed).path("leftPacks").asLong();
        assertTrue(total > 30, total + " packs");
        assertEquals(200, requestMove(killed, target).statusCode());
        Poll.until(
                "some packs are moved",
                () -> moveStatus(killed).path("leftPacks").asLong() < total - 5);
        killed.kill();
        try (var server = start(options)) {
            long remaining = moveStatus(server).path("leftPacks").asLong();
            assertTrue(remaining > 0 && remaining < total, remaining + " of " + total + " packs are left");
            var command = new ProgramRunner(scratch)
                    .run(
                            Path.of("deploy/run").toAbsolutePath().toString(),
                            "move-store",
                            "--to",
                            target,
                            "--data",
                            data.toString(),
                            "--port",
                            Integer.toString(server.port()));
            command.succeeded();
            assertTrue(command.out().contains("all packs are in " + target), command.out());
            assertNixDownloads(server, items);
            assertDownloads(server, pushed);
        }
    }

    @Test
    @Tag("long")
    void lostDatabaseIsRestoredFromTheBucket() throws Exception {
        var pushed = new ArrayList<NarInfo>();
        try (var server = Server.start(data)) {
            for (int i = 0; i < 3; i++) {
                pushed.add(NarClient.push(server, new SeededNar(300 + i, (3L << 20) + i)));
            }
            pushed.add(NarClient.push(server, new SeededNar(310, 700)));
            command("snapshot").succeeded();
        }
        var server = start();
        try {
            assertEquals(200, requestMove(server, "s3").statusCode());
            Poll.until(
                    "all packs are moved",
                    () -> moveStatus(server).path("state").asText().equals("done"));
            pushed.add(NarClient.push(server, new SeededNar(320, 3L << 20)));
        } finally {
            server.kill();
        }
        // the snapshot names packs in the folder, which are in the bucket now
        DataFolders.delete(data.resolve("store/packs"));
        DataFolders.deleteDatabase(data);
        var report = command("restore").succeeded().out();
        assertTrue(report.contains("Everything that the snapshot names is there."), report);
        assertTrue(report.contains("Newer, in the store: "), report);
        try (var restored = start()) {
            assertDownloads(restored, pushed.subList(0, 4));
            pushed.set(4, NarClient.push(restored, new SeededNar(320, 3L << 20)));
            command("snapshot").succeeded();
        }
        DataFolders.delete(data.resolve("store"));
        DataFolders.deleteDatabase(data);
        var freshStore = command("restore").succeeded().out();
        assertTrue(freshStore.contains("Everything that the snapshot names is there."), freshStore);
        try (var restored = start()) {
            assertDownloads(restored, pushed);
        }
    }

    private ProgramRunner.Result command(String... words) {
        return new ProgramRunner(scratch)
                .with("NARTHEX_S3_BUCKET", bucket)
                .with("NARTHEX_S3_ENDPOINT", S3Proxy.running().endpoint().toString())
                .with("NARTHEX_S3_ACCESS_KEY", S3Proxy.ACCESS_KEY)
                .with("NARTHEX_S3_SECRET_KEY", S3Proxy.SECRET_KEY)
                .run(Server.command(data, words));
    }

    private static void assertDownloads(Server server, List<NarInfo> pushed) throws Exception {
        for (var info : pushed) {
            assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
        }
    }

    private static HttpResponse<String> requestMove(Server server, String target) throws Exception {
        return server.http.send(
                server.authorized("/_api/v1/admin/move-store?to=" + target)
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode moveStatus(Server server) throws Exception {
        var response =
                server.http.send(server.authorized("/_api/v1/admin/move-store").build(), BodyHandlers.ofString());
        return new ObjectMapper().readTree(response.body());
    }

    private static List<Item> smallItems() {
        return CORPUS.items().stream()
                .filter(item -> item.name().matches("lodash-4.17.21(.tgz)?|ms-2.1.3.tgz|tree-.*|uses-text.*"))
                .toList();
    }

    private void push(Server server, List<Item> items) throws IOException {
        var netrc = Files.writeString(
                scratch.resolve("netrc"),
                "machine 127.0.0.1 login token password "
                        + Files.readString(data.resolve("admin-token")).strip() + "\n");
        CORPUS.push(
                        CORPUS.nix(scratch),
                        netrc,
                        server.uri("/main") + "?compression=zstd",
                        items.stream().map(Item::path).toList())
                .succeeded();
    }

    private void npmInstall(Server server) throws Exception {
        Poll.until(
                "npm has the tarball",
                () -> server.http
                                .send(server.request("/registry/main/npm/ms").build(), BodyHandlers.discarding())
                                .statusCode()
                        == 200);
        new ProgramRunner(scratch)
                .with("npm_config_registry", server.uri("/registry/main/npm/").toString())
                .with("npm_config_cache", scratch.resolve("npm").toString())
                .with("npm_config_update_notifier", "false")
                .run(
                        "npm",
                        "install",
                        "--no-audit",
                        "--no-fund",
                        "--prefix",
                        scratch.resolve("app").toString(),
                        "ms")
                .succeeded();
        assertTrue(Files.exists(scratch.resolve("app/node_modules/ms/index.js")));
    }

    /** Downloads with real nix into an empty store. */
    private void assertNixDownloads(Server server, List<Item> items) throws IOException {
        var freshStore = Files.createTempDirectory(scratch, "fresh").toString();
        var nix = CORPUS.nix(Files.createTempDirectory(scratch, "nix"));
        var copy = new ArrayList<>(List.of(
                "nix", "copy", "--no-check-sigs", "--from", server.uri("/main").toString(), "--to", freshStore));
        var info = new ArrayList<>(List.of("nix", "path-info", "--store", freshStore, "--json"));
        for (var item : items) {
            copy.add(item.path());
            info.add(item.path());
        }
        nix.run(copy).succeeded();
        var hashes = new ObjectMapper().readTree(nix.run(info).succeeded().out());
        for (var item : items) {
            assertEquals(
                    item.narHash(), hashes.path(item.path()).path("narHash").asText(), item.path());
        }
    }
}
