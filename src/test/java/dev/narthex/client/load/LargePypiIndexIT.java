package dev.narthex.client.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.support.ArchiveFixture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PyPI index of 100,000 projects, one of them with 10,000 files, in a small heap. */
class LargePypiIndexIT {
    private static final int PROJECTS = 100_000;
    private static final int FILES = 10_000;
    private static final long MIB = 1L << 20;
    private static final long MAX_MEMORY = 600 * MIB;
    private static final String SIMPLE = "/registry/main/pypi/simple/";
    private static final String JSON = "application/vnd.pypi.simple.v1+json";
    private static final JsonFactory PARSER = new JsonFactory();

    private static Path data;
    private static Server server;

    @TempDir
    Path scratch;

    @BeforeAll
    static void fill() throws Exception {
        data = Server.folder();
        server = Server.start(data, "-Xmx256m", "-XX:+UseSerialGC");
        new NixPushClient(server, "main")
                .publish(
                        SmallNar.flat(ArchiveFixture.wheel("big", "1.0", "")),
                        SmallNar.path("big-1.0-py3-none-any.whl"));
        try (var rows = new ServerDatabase(server)) {
            Poll.until(
                    "the wheel is known",
                    () -> rows.number("select count(*) from artifact where state = 'released'") == 1);
            rows.change("""
                    insert into package (cache_id, ecosystem, name, normalized, default_release)
                    select p.cache_id, p.ecosystem, 'Project.' || i, 'project-' || i, p.default_release
                    from package p cross join generate_series(1, %d) i where p.normalized = 'big'""".formatted(PROJECTS - 1));
            rows.change("""
                    with made as (
                      insert into release (package_id, version, version_key, prerelease, state, facts, recognizer, published_at)
                      select r.package_id, '2.' || i, r.version_key || int4send(i), false, 'released', r.facts, 1, r.published_at
                      from release r cross join generate_series(1, %d) i returning id, version)
                    insert into artifact (release_id, build, output, platform, filename, path_id, byte_offset, length, sha256,
                      origin, state, at)
                    select m.id, a.build, a.output, a.platform, 'big-' || m.version || '-py3-none-any.whl', a.path_id,
                      a.byte_offset, a.length, a.sha256, a.origin, 'released', a.at from made m cross join artifact a""".formatted(FILES - 1));
            // autovacuum would do this after a while
            rows.change("analyze");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        DataFolders.delete(data);
    }

    @Test
    void projectListIsStreamedToManyReaders() throws Exception {
        long before = server.peakMemory();
        var asked = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 4; i++) {
            asked.add(() -> projects("identity"));
            asked.add(() -> projects("gzip"));
            asked.add(LargePypiIndexIT::links);
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> count : threads.invokeAll(asked)) {
                assertEquals(PROJECTS, count.get());
            }
        }
        long peak = server.peakMemory();
        System.out.printf("large index: peak memory %d MiB, before %d MiB%n", peak / MIB, before / MIB);
        assertTrue(server.alive());
        assertTrue(peak < MAX_MEMORY, "peak memory " + peak / MIB + " MiB");
    }

    @Test
    void unchangedIndexIsAnsweredWithoutReadingRows() throws Exception {
        var head = server.http.send(
                server.request(SIMPLE)
                        .header("Accept", JSON)
                        .method("HEAD", BodyPublishers.noBody())
                        .build(),
                BodyHandlers.discarding());
        assertEquals(200, head.statusCode());
        long begun = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            var again = server.http.send(
                    server.request(SIMPLE)
                            .header("Accept", JSON)
                            .header(
                                    "If-None-Match",
                                    head.headers().firstValue("ETag").orElseThrow())
                            .build(),
                    BodyHandlers.ofByteArray());
            assertEquals(304, again.statusCode());
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertTrue(millis < 10_000, "a hundred looks took " + millis + " ms");
    }

    @Test
    void pageOf10000FilesIsBuiltOnce() throws Exception {
        long begun = System.nanoTime();
        var first = open(SIMPLE + "big/", "gzip");
        assertEquals("gzip", first.headers().firstValue("Content-Encoding").orElse(""));
        byte[] body = first.body().readAllBytes();
        long made = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        begun = System.nanoTime();
        assertArrayEquals(body, open(SIMPLE + "big/", "gzip").body().readAllBytes());
        long kept = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        System.out.printf("large page: %d bytes packed, made in %d ms, then sent in %d ms%n", body.length, made, kept);
        assertTrue(kept < 2000, "a kept page took " + kept + " ms");
        var versions = new ProgramRunner(scratch)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_INDEX_URL", server.uri(SIMPLE).toString())
                .run("/usr/bin/python3", "-m", "pip", "index", "versions", "big")
                .succeeded()
                .out();
        assertTrue(versions.startsWith("big (2." + (FILES - 1) + ")"), versions.substring(0, 40));
    }

    private static int projects(String coding) throws IOException, InterruptedException {
        int count = 0;
        var answer = open(SIMPLE, coding);
        try (var body = coding.equals("gzip") ? new GZIPInputStream(answer.body()) : answer.body();
                var json = PARSER.createParser(body)) {
            for (var token = json.nextToken(); token != null; token = json.nextToken()) {
                count += token == JsonToken.FIELD_NAME && json.currentName().equals("name") ? 1 : 0;
            }
        }
        return count;
    }

    private static int links() throws IOException, InterruptedException {
        var request = server.request(SIMPLE).header("Accept", "text/html").build();
        try (var lines = new BufferedReader(new InputStreamReader(
                server.http.send(request, BodyHandlers.ofInputStream()).body(), StandardCharsets.UTF_8))) {
            return (int)
                    lines.lines().filter(line -> line.startsWith("<a href=\"")).count();
        }
    }

    private static HttpResponse<InputStream> open(String address, String coding)
            throws IOException, InterruptedException {
        var request = server.request(address)
                .header("Accept", JSON)
                .header("Accept-Encoding", coding)
                .build();
        return server.http.send(request, BodyHandlers.ofInputStream());
    }
}
