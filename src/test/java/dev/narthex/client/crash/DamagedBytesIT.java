package dev.narthex.client.crash;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Corpus;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.nix.NarInfo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of a pack are overwritten. Tests the responses before the damage is detected, after that, and after the repair. */
class DamagedBytesIT {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);
    private static final AtomicInteger CACHE_NUMBERS = new AtomicInteger();
    private static final String RETRY_AFTER_BEFORE_CHECK = "60";
    private static final String RETRY_AFTER_BEFORE_REPAIR = "3600";

    @TempDir
    Path scratch;

    private static Path data;
    private static Server server;
    private static ServerDatabase database;

    private String cache;
    private Path netrc;
    private ProgramRunner nix;

    @BeforeAll
    static void start() throws Exception {
        data = Server.folder();
        server = Server.start(data, Server.SHORT_LIVED);
        database = new ServerDatabase(server);
        // verification runs only when the test starts it
        database.change(
                "update scheduled_tasks set execution_time = now() + interval '1 day' where task_name = 'scrub'");
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
        server.close();
        DataFolders.delete(data);
    }

    @BeforeEach
    void createCache() throws Exception {
        cache = "damaged-" + CACHE_NUMBERS.incrementAndGet();
        var response = server.http.send(
                server.authorized("/_api/v1/caches")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + cache + "\",\"public\":true}"))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, response.statusCode(), response.body());
        netrc = Files.writeString(
                scratch.resolve("netrc"),
                "machine 127.0.0.1 login token password "
                        + Files.readString(data.resolve("admin-token")).strip() + "\n");
        nix = CORPUS.nix(Files.createDirectories(scratch.resolve("nix")));
    }

    private String registryPath(String path) {
        return "/registry/" + cache + path;
    }

    private static Corpus.Item corpusItem(String name) {
        return CORPUS.items().stream()
                .filter(item -> item.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** @param options for nix, such as {@code --refresh} */
    private ProgramRunner.Result push(Corpus.Item item, String... options) {
        var command = new ArrayList<>(List.of("nix", "copy"));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "--option",
                "netrc-file",
                netrc.toString(),
                "--from",
                CORPUS.store(),
                "--to",
                server.uri("/" + cache).toString(),
                item.path()));
        return nix.run(command);
    }

    private Path findPack(String condition) throws Exception {
        return data.resolve("store/packs").resolve(database.text("""
                select d.code || '/' || right(k.key::text, 2) || '/' || k.key from path p join pack_ref r using (nar_id)
                  join pack k on k.id = r.pack_id join dedup_domain d on d.id = k.domain_id
                where k.state = 'L' and %s and p.cache_id = (select id from cache where name = '%s') limit 1""".formatted(condition, cache)));
    }

    /** Returns the hash part of the path with this origin in the cache of this test. */
    private String hashPart(String origin) throws Exception {
        return database.text(
                "select hash_part from path where origin = '%s' and cache_id = (select id from cache where name = '%s')"
                        .formatted(origin, cache));
    }

    private static void overwrite(Path file, int offset) throws IOException {
        var bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, offset, offset + 14, (byte) 0xAD);
        Files.write(file, bytes);
    }

    private HttpResponse<byte[]> get(HttpClient http, String path, String... headers) throws Exception {
        var request = server.request(path).timeout(REQUEST_TIMEOUT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        var request = server.request(path).timeout(REQUEST_TIMEOUT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    private NarInfo narInfo(Corpus.Item item) throws Exception {
        return NarInfo.parse(get("/" + cache + "/" + item.hash() + ".narinfo").body());
    }

    private void checkUntilDamageIsFound(String damaged) throws Exception {
        database.hasten("scrub");
        Poll.until(
                "the damage is found",
                () -> database.number("select count(*) from path p join nar n on n.id = p.nar_id where n.state = 'B'"
                                + " and p.hash_part = '" + damaged + "'")
                        == 1);
    }

    private static HttpClient newClient(HttpClient.Version version) {
        return HttpClient.newBuilder().version(version).build();
    }

    /** An incomplete body ends with a closed connection, without a proper end and without a timeout. */
    private void assertCut(HttpClient http, String path) {
        var error = assertThrows(IOException.class, () -> get(http, path), path);
        assertFalse(error instanceof HttpTimeoutException, path + " hangs");
    }

    private static void assertDamaged(HttpResponse<?> response, String retryAfter) {
        assertEquals(503, response.statusCode(), response.uri().toString());
        assertEquals(retryAfter, response.headers().firstValue("Retry-After").orElse(""));
    }

    @Test
    void damagedBytesAreRefusedOrTruncated() throws Exception {
        var item = corpusItem("parser-7.26.2.tgz");
        push(item).succeeded();
        var tarball = registryPath("/npm/@babel/parser/-/parser-7.26.2.tgz");
        Poll.until("the path is recognized", () -> get(tarball).statusCode() == 200);
        int logLength = server.log().length();
        database.change("update pack set verified_at = now()");
        var url = "/" + cache + "/" + narInfo(item).url();
        var plain = url.substring(0, url.length() - ".zst".length());
        var file = findPack("p.hash_part = '" + item.hash() + "'");
        var original = Files.readAllBytes(file);
        var nar = get(server.http, plain).body();
        int footer = 400;
        for (int offset : new int[] {0, 1000, original.length - footer - 14}) {
            boolean inFirstHalf = offset < original.length / 2;
            overwrite(file, offset);
            for (var version : List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
                var http = newClient(version);
                for (var path : List.of(plain, tarball)) {
                    if (!inFirstHalf) {
                        // a new client, because a shared one could reuse the connection that is being closed
                        assertCut(newClient(version), path);
                    } else if (path.equals(tarball)) {
                        assertDamaged(get(http, path), RETRY_AFTER_BEFORE_CHECK);
                    } else {
                        assertEquals(404, get(http, path).statusCode(), "nix uses another cache after a 404");
                    }
                }
                var damaged = inFirstHalf ? "bytes=0-99" : "bytes=-100";
                assertDamaged(get(http, tarball, "Range", damaged), RETRY_AFTER_BEFORE_CHECK);
                var range = inFirstHalf ? "bytes=-100" : "bytes=0-99";
                assertArrayEquals(
                        inFirstHalf ? Arrays.copyOfRange(nar, nar.length - 100, nar.length) : Arrays.copyOf(nar, 100),
                        get(http, plain, "Range", range).body(),
                        "a whole frame is served");
            }
            var page = get("/" + cache + "/path/" + item.hash() + "/files", "Accept", "text/html");
            assertDamaged(page, RETRY_AFTER_BEFORE_CHECK);
            assertTrue(page.body().contains("a check is queued"), page.body());
            // the stored frames are sent without decoding; the client detects the damage
            assertEquals(original.length, get(server.http, url).body().length);
            var destination = scratch.resolve("into" + offset);
            var reader = CORPUS.nix(Files.createDirectories(scratch.resolve("reader" + offset)));
            var copy = reader.run(
                            "nix",
                            "copy",
                            "--no-check-sigs",
                            "--from",
                            server.uri("/" + cache).toString(),
                            "--to",
                            destination.toString(),
                            item.path())
                    .failed();
            assertTrue(copy.err().contains("compress"), copy.err());
            reader.run("nix", "path-info", "--store", destination.toString(), item.path())
                    .failed();
            assertEquals(
                    1,
                    database.number("select count(*) from pack where verified_at = '-infinity'"),
                    "a check is queued");
            Files.write(file, original);
            database.change("update pack set verified_at = now()");
        }
        assertArrayEquals(nar, get(server.http, plain).body());
        assertFalse(server.log().substring(logLength).contains(" ERROR "), server.log());
    }

    private ProgramRunner npmIn(String folder) throws IOException {
        var folderPath = Files.createDirectories(scratch.resolve(folder));
        return new ProgramRunner(folderPath)
                .with("npm_config_registry", server.uri(registryPath("/npm/")).toString())
                .with("npm_config_cache", folderPath.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("npm_config_fund", "false")
                .with("npm_config_fetch_retries", "0");
    }

    /** Downloads like a machine with an empty store. */
    private ProgramRunner.Result npmCi(ProgramRunner npm, String folder) throws IOException {
        DataFolders.delete(scratch.resolve(folder).resolve("cache"));
        return npm.run("npm", "ci", "--no-audit");
    }

    @Test
    void damagedTarballIsReportedUntilPushedAgain() throws Exception {
        var item = corpusItem("lodash-4.17.20.tgz");
        var tarballUrl = registryPath("/npm/lodash/-/lodash-4.17.20.tgz");
        push(item).succeeded();
        Poll.until("the path is recognized", () -> get(tarballUrl).statusCode() == 200);
        var npm = npmIn("consumer");
        Files.writeString(
                scratch.resolve("consumer/package.json"),
                "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"dependencies\":{\"lodash\":\"4.17.20\"}}");
        npm.run("npm", "install", "--no-audit").succeeded();
        var url = "/" + cache + "/" + narInfo(item).url();
        overwrite(findPack("p.hash_part = '" + item.hash() + "'"), 1000);
        var before = npmCi(npm, "consumer").failed();
        assertTrue(before.err().contains("E503"), before.err());
        checkUntilDamageIsFound(item.hash());
        // narinfos are cached for 10 seconds
        Poll.until(
                "the narinfo is not served anymore",
                () -> get("/" + cache + "/" + item.hash() + ".narinfo").statusCode() == 404);

        assertEquals(404, get(url).statusCode());
        assertEquals(
                200,
                get(registryPath("/npm/lodash/4.17.20")).statusCode(),
                "the packument still lists the version, because it can be repaired");
        var tarball = get(tarballUrl);
        assertDamaged(tarball, RETRY_AFTER_BEFORE_REPAIR);
        assertTrue(tarball.body().startsWith("{\"error\":\""), tarball.body());
        for (var text : List.of("lodash-4.17.20.tgz", "damaged, found on 2", item.path(), "nix copy --refresh")) {
            assertTrue(tarball.body().contains(text), text + " is not in " + tarball.body());
        }
        var refused = npmCi(npm, "consumer").failed();
        assertTrue(refused.err().contains("E503") && !refused.err().contains("E404"), refused.err());
        var command = "nix copy --refresh --to " + server.uri("/" + cache) + " '" + item.path() + "'";
        for (var page : List.of(
                "/" + cache + "/npm/lodash",
                "/" + cache + "/npm/lodash@4.17.20",
                "/" + cache + "/npm/lodash@4.17.20/versions",
                "/" + cache + "/path/" + item.hash())) {
            var response = get(page, "Accept", "text/html");
            assertEquals(200, response.statusCode(), page);
            var text = response.body().replaceAll("<[^>]+>", "").replace("&#39;", "'");
            assertTrue(text.contains("Damaged, found on"), page + ": " + text);
            assertTrue(text.contains(command), page + ": " + text);
        }
        for (var page : List.of(
                "/" + cache + "/npm/lodash@4.17.20/files", "/" + cache + "/path/" + item.hash() + "/files?raw")) {
            var response = get(page, "Accept", "text/html");
            assertDamaged(response, RETRY_AFTER_BEFORE_REPAIR);
            assertTrue(response.body().contains("are damaged, found on"), response.body());
        }
        assertTrue(get("/api/" + cache + "/path/" + item.hash()).body().contains("\"damaged\":[{"));

        push(item).succeeded();
        assertEquals(
                404,
                get("/" + cache + "/" + item.hash() + ".narinfo").statusCode(),
                "nix remembers that it pushed the path, so without --refresh it sends nothing");
        push(item, "--refresh").succeeded();
        assertEquals(200, get(tarballUrl).statusCode());
        npmCi(npm, "consumer").succeeded();
        assertFalse(get("/" + cache + "/path/" + item.hash(), "Accept", "text/html")
                .body()
                .contains("Damaged"));
        assertEquals(200, get("/" + cache + "/" + narInfo(item).url()).statusCode());
    }

    @Test
    void publishingAgainRepairsADamagedFile() throws Exception {
        var npm = npmIn("craft")
                .with(
                        "npm_config_//127.0.0.1:" + server.port() + registryPath("/npm/:_authToken"),
                        Files.readString(data.resolve("admin-token")).strip());
        var folder = scratch.resolve("craft");
        Files.writeString(
                folder.resolve("package.json"), "{\"name\":\"craft\",\"version\":\"1.0.0\",\"files\":[\"noise.bin\"]}");
        var noise = new byte[300_000];
        new Random(5).nextBytes(noise);
        Files.write(folder.resolve("noise.bin"), noise);
        npm.run("npm", "publish").succeeded();
        var tarball = registryPath("/npm/craft/-/craft-1.0.0.tgz");
        var original = get(server.http, tarball).body();
        overwrite(findPack("p.origin = 'published'"), 1000);
        assertDamaged(get(tarball), RETRY_AFTER_BEFORE_CHECK);
        checkUntilDamageIsFound(hashPart("published"));
        assertDamaged(get(tarball), RETRY_AFTER_BEFORE_REPAIR);
        npm.run("npm", "publish", "--force").succeeded();
        assertEquals(200, get(tarball).statusCode());
        assertArrayEquals(original, get(server.http, tarball).body());
    }

    @Test
    void derivedFilesAreRebuiltAfterTheTreeIsRepaired() throws Exception {
        var tree = corpusItem("lodash-4.17.21");
        var tarball = registryPath("/npm/lodash/-/lodash-4.17.21.tgz");
        push(tree).succeeded();
        Poll.until("the tarball is derived", () -> get(tarball).statusCode() == 200);
        var original = get(server.http, tarball).body();
        var derivedHash = hashPart("derived");
        overwrite(findPack("p.origin = 'derived'"), 1000);
        overwrite(findPack("p.hash_part = '" + tree.hash() + "'"), 1000);
        get(tarball);
        get("/" + cache + "/path/" + tree.hash() + "/files/lib?raw");
        database.change("update pack set verified_at = '-infinity'");
        checkUntilDamageIsFound(tree.hash());
        checkUntilDamageIsFound(derivedHash);
        var refused = get(tarball);
        assertDamaged(refused, RETRY_AFTER_BEFORE_REPAIR);
        assertTrue(refused.body().contains(tree.path()), refused.body());
        push(tree, "--refresh").succeeded();
        Poll.until("the tarball is derived again", () -> get(tarball).statusCode() == 200);
        assertArrayEquals(original, get(server.http, tarball).body());
    }

    @Test
    void projectPageListsTheDamagedWheel() throws Exception {
        var item = corpusItem("python3.13-jinja2-3.1.6-dist");
        push(item).succeeded();
        var simple = registryPath("/pypi/simple/jinja2/");
        Poll.until("the path is recognized", () -> get(simple).statusCode() == 200);
        var wheel =
                ScriptlessBrowser.first("href=\"([^\"#]+\\.whl)", get(simple).body());
        var file = URI.create(simple).resolve(wheel).toString();
        assertEquals(200, get(file).statusCode());
        overwrite(findPack("p.hash_part = '" + item.hash() + "'"), 1000);
        assertDamaged(get(file), RETRY_AFTER_BEFORE_CHECK);
        checkUntilDamageIsFound(item.hash());
        // the restart discards the cached page
        database.close();
        server.close();
        server = Server.start(data, Server.SHORT_LIVED);
        database = new ServerDatabase(server);
        assertTrue(get(simple).body().contains(wheel));
        var refused = get(file);
        assertDamaged(refused, RETRY_AFTER_BEFORE_REPAIR);
        assertTrue(
                refused.body().contains("Stored bytes are damaged")
                        && refused.body().contains(item.path()),
                refused.body());
        push(item, "--refresh").succeeded();
        assertEquals(200, get(file).statusCode());
    }
}
