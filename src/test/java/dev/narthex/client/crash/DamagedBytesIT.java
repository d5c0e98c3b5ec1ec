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

/** Some bytes of a pack are overwritten: responses before detection, after it, and after the repair. */
class DamagedBytesIT {
    private static final Duration HANGS = Duration.ofSeconds(20);
    private static final AtomicInteger CACHES = new AtomicInteger();
    private static final String RETRY_AFTER_A_CHECK = "60";
    private static final String RETRY_AFTER_A_REPAIR = "3600";

    @TempDir
    Path scratch;

    private static Path data;
    private static Server server;
    private static ServerDatabase rows;

    private String cache;
    private Path netrc;
    private ProgramRunner nix;

    @BeforeAll
    static void start() throws Exception {
        data = Server.folder();
        server = Server.start(data, Server.SHORT_LIVED);
        rows = new ServerDatabase(server);
        // checks come when a test wants them
        rows.change("update scheduled_tasks set execution_time = now() + interval '1 day' where task_name = 'scrub'");
    }

    @AfterAll
    static void stop() throws Exception {
        rows.close();
        server.close();
        DataFolders.delete(data);
    }

    @BeforeEach
    void createCache() throws Exception {
        cache = "damaged-" + CACHES.incrementAndGet();
        var created = server.http.send(
                server.authorized("/_api/v1/caches")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + cache + "\",\"public\":true}"))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, created.statusCode(), created.body());
        netrc = Files.writeString(
                scratch.resolve("netrc"),
                "machine 127.0.0.1 login token password "
                        + Files.readString(data.resolve("admin-token")).strip() + "\n");
        nix = CORPUS.nix(Files.createDirectories(scratch.resolve("nix")));
    }

    private String registry(String path) {
        return "/registry/" + cache + path;
    }

    private static Corpus.Item item(String name) {
        return CORPUS.items().stream()
                .filter(item -> item.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** @param options for nix, such as --refresh */
    private ProgramRunner.Result push(Corpus.Item item, String... options) {
        var words = new ArrayList<>(List.of("nix", "copy"));
        words.addAll(List.of(options));
        words.addAll(List.of(
                "--option",
                "netrc-file",
                netrc.toString(),
                "--from",
                CORPUS.store(),
                "--to",
                server.uri("/" + cache).toString(),
                item.path()));
        return nix.run(words);
    }

    private Path pack(String where) throws Exception {
        return data.resolve("store/packs").resolve(rows.text("""
                select d.code || '/' || right(k.key::text, 2) || '/' || k.key from path p join pack_ref r using (nar_id)
                  join pack k on k.id = r.pack_id join dedup_domain d on d.id = k.domain_id
                where k.state = 'L' and %s and p.cache_id = (select id from cache where name = '%s') limit 1""".formatted(where, cache)));
    }

    /** Of the path in the cache of the test that came from there. */
    private String hashPart(String origin) throws Exception {
        return rows.text(
                "select hash_part from path where origin = '%s' and cache_id = (select id from cache where name = '%s')"
                        .formatted(origin, cache));
    }

    private static void overwrite(Path file, int at) throws IOException {
        var bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, at, at + 14, (byte) 0xAD);
        Files.write(file, bytes);
    }

    private HttpResponse<byte[]> get(HttpClient http, String path, String... headers) throws Exception {
        var request = server.request(path).timeout(HANGS);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        var request = server.request(path).timeout(HANGS);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    private NarInfo narInfo(Corpus.Item item) throws Exception {
        return NarInfo.parse(get("/" + cache + "/" + item.hash() + ".narinfo").body());
    }

    private void check(String damaged) throws Exception {
        rows.hasten("scrub");
        Poll.until(
                "the damage is found",
                () -> rows.number("select count(*) from path p join nar n on n.id = p.nar_id where n.state = 'B'"
                                + " and p.hash_part = '" + damaged + "'")
                        == 1);
    }

    private static HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder().version(version).build();
    }

    /** A body that is not whole ends with its connection: with neither a proper end nor a wait for what never comes. */
    private void assertCut(HttpClient http, String path) {
        var cut = assertThrows(IOException.class, () -> get(http, path), path);
        assertFalse(cut instanceof HttpTimeoutException, path + " hangs");
    }

    private static void assertDamaged(HttpResponse<?> answer, String retryAfter) {
        assertEquals(503, answer.statusCode(), answer.uri().toString());
        assertEquals(retryAfter, answer.headers().firstValue("Retry-After").orElse(""));
    }

    @Test
    void damagedBytesAreRefusedOrTruncated() throws Exception {
        var item = item("parser-7.26.2.tgz");
        push(item).succeeded();
        var tarball = registry("/npm/@babel/parser/-/parser-7.26.2.tgz");
        Poll.until("it is recognised", () -> get(tarball).statusCode() == 200);
        int logged = server.log().length();
        rows.change("update pack set verified_at = now()");
        var url = "/" + cache + "/" + narInfo(item).url();
        var plain = url.substring(0, url.length() - ".zst".length());
        var file = pack("p.hash_part = '" + item.hash() + "'");
        var whole = Files.readAllBytes(file);
        var nar = get(server.http, plain).body();
        int footer = 400;
        for (int at : new int[] {0, 1000, whole.length - footer - 14}) {
            boolean first = at < whole.length / 2;
            overwrite(file, at);
            for (var version : List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
                var http = client(version);
                for (var path : List.of(plain, tarball)) {
                    if (!first) {
                        // of its own, since the next request could be sent while the connection is being closed
                        assertCut(client(version), path);
                    } else if (path.equals(tarball)) {
                        assertDamaged(get(http, path), RETRY_AFTER_A_CHECK);
                    } else {
                        assertEquals(404, get(http, path).statusCode(), "nix asks another cache");
                    }
                }
                var damaged = first ? "bytes=0-99" : "bytes=-100";
                assertDamaged(get(http, tarball, "Range", damaged), RETRY_AFTER_A_CHECK);
                var range = first ? "bytes=-100" : "bytes=0-99";
                assertArrayEquals(
                        first ? Arrays.copyOfRange(nar, nar.length - 100, nar.length) : Arrays.copyOf(nar, 100),
                        get(http, plain, "Range", range).body(),
                        "a whole frame is served");
            }
            var page = get("/" + cache + "/path/" + item.hash() + "/files", "Accept", "text/html");
            assertDamaged(page, RETRY_AFTER_A_CHECK);
            assertTrue(page.body().contains("a check is queued"), page.body());
            // the stored form goes out unread, and the client sees that it is damaged
            assertEquals(whole.length, get(server.http, url).body().length);
            var into = scratch.resolve("into" + at);
            var reader = CORPUS.nix(Files.createDirectories(scratch.resolve("reader" + at)));
            var copied = reader.run(
                            "nix",
                            "copy",
                            "--no-check-sigs",
                            "--from",
                            server.uri("/" + cache).toString(),
                            "--to",
                            into.toString(),
                            item.path())
                    .failed();
            assertTrue(copied.err().contains("compress"), copied.err());
            reader.run("nix", "path-info", "--store", into.toString(), item.path())
                    .failed();
            assertEquals(
                    1, rows.number("select count(*) from pack where verified_at = '-infinity'"), "a check is queued");
            Files.write(file, whole);
            rows.change("update pack set verified_at = now()");
        }
        assertArrayEquals(nar, get(server.http, plain).body());
        assertFalse(server.log().substring(logged).contains(" ERROR "), server.log());
    }

    private ProgramRunner npm(String folder) throws IOException {
        var at = Files.createDirectories(scratch.resolve(folder));
        return new ProgramRunner(at)
                .with("npm_config_registry", server.uri(registry("/npm/")).toString())
                .with("npm_config_cache", at.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("npm_config_fund", "false")
                .with("npm_config_fetch_retries", "0");
    }

    /** As a machine that has nothing of it. */
    private ProgramRunner.Result npmCi(ProgramRunner npm, String folder) throws IOException {
        DataFolders.delete(scratch.resolve(folder).resolve("cache"));
        return npm.run("npm", "ci", "--no-audit");
    }

    @Test
    void damagedTarballIsReportedUntilPushedAgain() throws Exception {
        var item = item("lodash-4.17.20.tgz");
        var tarballUrl = registry("/npm/lodash/-/lodash-4.17.20.tgz");
        push(item).succeeded();
        Poll.until("it is recognised", () -> get(tarballUrl).statusCode() == 200);
        var npm = npm("consumer");
        Files.writeString(
                scratch.resolve("consumer/package.json"),
                "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"dependencies\":{\"lodash\":\"4.17.20\"}}");
        npm.run("npm", "install", "--no-audit").succeeded();
        var url = "/" + cache + "/" + narInfo(item).url();
        overwrite(pack("p.hash_part = '" + item.hash() + "'"), 1000);
        var before = npmCi(npm, "consumer").failed();
        assertTrue(before.err().contains("E503"), before.err());
        check(item.hash());
        // a narinfo that was served before is kept for 10 seconds
        Poll.until(
                "nix is told to ask elsewhere",
                () -> get("/" + cache + "/" + item.hash() + ".narinfo").statusCode() == 404);

        assertEquals(404, get(url).statusCode());
        assertEquals(
                200, get(registry("/npm/lodash/4.17.20")).statusCode(), "packuments go on listing what comes back");
        var tarball = get(tarballUrl);
        assertDamaged(tarball, RETRY_AFTER_A_REPAIR);
        assertTrue(tarball.body().startsWith("{\"error\":\""), tarball.body());
        for (var said : List.of("lodash-4.17.20.tgz", "damaged, found on 2", item.path(), "nix copy --refresh")) {
            assertTrue(tarball.body().contains(said), said + " is not in " + tarball.body());
        }
        var refused = npmCi(npm, "consumer").failed();
        assertTrue(refused.err().contains("E503") && !refused.err().contains("E404"), refused.err());
        var command = "nix copy --refresh --to " + server.uri("/" + cache) + " '" + item.path() + "'";
        for (var page : List.of(
                "/" + cache + "/npm/lodash",
                "/" + cache + "/npm/lodash@4.17.20",
                "/" + cache + "/npm/lodash@4.17.20/versions",
                "/" + cache + "/path/" + item.hash())) {
            var answer = get(page, "Accept", "text/html");
            assertEquals(200, answer.statusCode(), page);
            var text = answer.body().replaceAll("<[^>]+>", "").replace("&#39;", "'");
            assertTrue(text.contains("Damaged, found on"), page + ": " + text);
            assertTrue(text.contains(command), page + ": " + text);
        }
        for (var page : List.of(
                "/" + cache + "/npm/lodash@4.17.20/files", "/" + cache + "/path/" + item.hash() + "/files?raw")) {
            var answer = get(page, "Accept", "text/html");
            assertDamaged(answer, RETRY_AFTER_A_REPAIR);
            assertTrue(answer.body().contains("are damaged, found on"), answer.body());
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
        var npm = npm("craft")
                .with(
                        "npm_config_//127.0.0.1:" + server.port() + registry("/npm/:_authToken"),
                        Files.readString(data.resolve("admin-token")).strip());
        var at = scratch.resolve("craft");
        Files.writeString(
                at.resolve("package.json"), "{\"name\":\"craft\",\"version\":\"1.0.0\",\"files\":[\"noise.bin\"]}");
        var noise = new byte[300_000];
        new Random(5).nextBytes(noise);
        Files.write(at.resolve("noise.bin"), noise);
        npm.run("npm", "publish").succeeded();
        var tarball = registry("/npm/craft/-/craft-1.0.0.tgz");
        var whole = get(server.http, tarball).body();
        overwrite(pack("p.origin = 'published'"), 1000);
        assertDamaged(get(tarball), RETRY_AFTER_A_CHECK);
        check(hashPart("published"));
        assertDamaged(get(tarball), RETRY_AFTER_A_REPAIR);
        npm.run("npm", "publish", "--force").succeeded();
        assertEquals(200, get(tarball).statusCode());
        assertArrayEquals(whole, get(server.http, tarball).body());
    }

    @Test
    void derivedFilesAreRebuiltAfterTheTreeIsRepaired() throws Exception {
        var tree = item("lodash-4.17.21");
        var tarball = registry("/npm/lodash/-/lodash-4.17.21.tgz");
        push(tree).succeeded();
        Poll.until("its tarball is made", () -> get(tarball).statusCode() == 200);
        var whole = get(server.http, tarball).body();
        var made = hashPart("derived");
        overwrite(pack("p.origin = 'derived'"), 1000);
        overwrite(pack("p.hash_part = '" + tree.hash() + "'"), 1000);
        get(tarball);
        get("/" + cache + "/path/" + tree.hash() + "/files/lib?raw");
        rows.change("update pack set verified_at = '-infinity'");
        check(tree.hash());
        check(made);
        var refused = get(tarball);
        assertDamaged(refused, RETRY_AFTER_A_REPAIR);
        assertTrue(refused.body().contains(tree.path()), refused.body());
        push(tree, "--refresh").succeeded();
        Poll.until("its tarball is made again", () -> get(tarball).statusCode() == 200);
        assertArrayEquals(whole, get(server.http, tarball).body());
    }

    @Test
    void projectPageListsTheDamagedWheel() throws Exception {
        var item = item("python3.13-jinja2-3.1.6-dist");
        push(item).succeeded();
        var simple = registry("/pypi/simple/jinja2/");
        Poll.until("it is recognised", () -> get(simple).statusCode() == 200);
        var wheel =
                ScriptlessBrowser.first("href=\"([^\"#]+\\.whl)", get(simple).body());
        var file = URI.create(simple).resolve(wheel).toString();
        assertEquals(200, get(file).statusCode());
        overwrite(pack("p.hash_part = '" + item.hash() + "'"), 1000);
        assertDamaged(get(file), RETRY_AFTER_A_CHECK);
        check(item.hash());
        // so that the page is made anew
        rows.close();
        server.close();
        server = Server.start(data, Server.SHORT_LIVED);
        rows = new ServerDatabase(server);
        assertTrue(get(simple).body().contains(wheel));
        var refused = get(file);
        assertDamaged(refused, RETRY_AFTER_A_REPAIR);
        assertTrue(
                refused.body().contains("Stored bytes are damaged")
                        && refused.body().contains(item.path()),
                refused.body());
        push(item, "--refresh").succeeded();
        assertEquals(200, get(file).statusCode());
    }
}
