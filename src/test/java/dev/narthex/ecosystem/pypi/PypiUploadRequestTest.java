package dev.narthex.ecosystem.pypi;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.ecosystem.support.ArchiveFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Upload forms: limits, permissions and concurrency. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PypiUploadRequestTest extends PypiUploadSetup {
    @Test
    void malformedFormIsRefused() {
        var good = good().body();
        for (var body : List.of(
                new byte[0],
                "hello".getBytes(StandardCharsets.UTF_8),
                Arrays.copyOf(good, good.length / 2),
                Arrays.copyOf(good, good.length - 8),
                ("--" + UploadFormFixture.BOUNDARY).getBytes(StandardCharsets.UTF_8),
                ("--" + UploadFormFixture.BOUNDARY + "\r\n" + "a: b\r\n".repeat(5000))
                        .getBytes(StandardCharsets.UTF_8))) {
            post(body).then().statusCode(400).contentType(startsWith("text/plain"));
        }
        for (var type : List.of(
                "application/json",
                "multipart/form-data",
                "multipart/mixed; boundary=x",
                "multipart/form-data; boundary=" + "b".repeat(300))) {
            as(token)
                    .header("Content-Type", type)
                    .body(good)
                    .post(at("legacy/"))
                    .then()
                    .statusCode(415);
        }
        as(token)
                .header("Content-Encoding", "gzip")
                .body(good)
                .post(at("legacy/"))
                .then()
                .statusCode(415);
        assertEquals(0, kept());
    }

    @Test
    void formIsLimited() {
        var many = good();
        IntStream.range(0, 10_000).forEach(i -> many.field("classifiers", "c" + i));
        refused(post(many), 413, "1000 fields");
        refused(post(good().field("description", "d".repeat((1 << 20) + 1))), 413, "A field may have");
        var long_ = good();
        IntStream.range(0, 9).forEach(i -> long_.field("description", "d".repeat(1 << 20)));
        refused(post(long_), 413, "All fields together");
        assertEquals(0, kept());
        var enough = good();
        IntStream.range(0, 900).forEach(i -> enough.field("classifiers", "c" + i));
        post(enough.field("description", "d".repeat(1 << 20))).then().statusCode(200);
    }

    /** Any input gets a response that clients understand, and no server error. */
    @Test
    void damagedFormsAreAcceptedOrRefused() {
        var random = new Random(20);
        for (int i = 0; i < 300; i++) {
            var body = (i % 2 == 0 ? good() : UploadFormFixture.sdist("oar", "1.0")).body();
            for (int n = random.nextInt(1, 8); n > 0; n--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt();
            }
            var cut = random.nextInt(4) == 0 ? Arrays.copyOf(body, random.nextInt(body.length)) : body;
            int status = post(cut).statusCode();
            assertTrue(Set.of(200, 400, 413).contains(status), status + " for form " + i);
        }
    }

    // ── permissions ──

    @Test
    void uploadNeedsPermissionForTheProject() {
        var reader = people.person(false);
        people.member(cache, reader, Role.READER);
        var all = List.of(NamePattern.ALL);
        var here = List.of(new NamePattern(cache.name()));
        var publishing = Set.of(Action.PUBLISH);
        var others = List.of(
                people.token(reader),
                people.token(people.person(false)),
                scoped(new Scope(false, here, all, List.of(new NamePattern("mast*")), publishing)),
                scoped(new Scope(false, here, List.of(new NamePattern("npm")), all, publishing)),
                scoped(new Scope(false, List.of(new NamePattern("elsewhere")), all, all, publishing)),
                scoped(new Scope(false, here, all, all, Set.of(Action.READ))));
        var fileFirst = UploadFormFixture.empty(good().filename, good().file)
                .file(good().filename, good().file)
                .field("name", "oar")
                .field("version", "1.0");
        for (var other : others) {
            for (var upload : List.of(good(), fileFirst)) {
                var answer = as(other).body(upload.body()).post(at("legacy/"));
                answer.then().statusCode(403);
                assertTrue(answer.statusLine().length() > 40, answer.statusLine());
            }
        }
        for (var secret : List.of("", "nrx_wrong")) {
            as(secret)
                    .body(good().body())
                    .post(at("legacy/"))
                    .then()
                    .statusCode(401)
                    .header("WWW-Authenticate", startsWith("Basic "))
                    .statusLine(containsString("token"));
        }
        assertEquals(0, kept());
        as(scoped(new Scope(
                        false, here, List.of(new NamePattern("pypi")), List.of(new NamePattern("oar")), publishing)))
                .body(good().with("name", "OAR").body())
                .post(at("legacy/"))
                .then()
                .statusCode(200);
    }

    private String scoped(Scope scope) {
        return people.token(Optional.of(publisher), scope);
    }

    @Test
    void fullCacheAcceptsNothing() {
        people.run("update cache set quota_bytes = 300 where id = " + cache.id());
        refused(post(good()), 413, "quota");
        assertEquals(0, kept());
    }

    @Test
    void uploadIsAcceptedAtItsUrlOnly() {
        for (var path : List.of("simple/", "simple/oar/", "legacy/x", "pypi")) {
            as(token).body(good().body()).post(at(path)).then().statusCode(404);
        }
        assertEquals(0, kept());
    }

    // ── concurrency ──

    @Test
    void concurrentUploadOfAFileSucceedsOnce() throws Exception {
        var calls = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 16; i++) {
            var upload = wheel(Map.of("oar/me.py", "N = " + i));
            calls.add(() -> post(upload).statusCode());
        }
        var statuses = together(calls);
        assertEquals(1, statuses.stream().filter(s -> s == 200).count(), statuses.toString());
        assertEquals(15, statuses.stream().filter(s -> s == 400).count(), statuses.toString());
        assertEquals(2, count("path where cache_id = " + cache.id()), "of those that lost nothing is kept");
        assertEquals(1, files("oar").size());
    }

    @Test
    void concurrentUploadsOfFilesAllSucceed() throws Exception {
        var uploads = IntStream.range(0, 16)
                .mapToObj(i -> UploadFormFixture.of(
                        "oar",
                        "1.0",
                        "oar-1.0-cp3" + i + "-none-any.whl",
                        ArchiveFixture.wheel("oar", "1.0", "", Map.of("oar/me.py", "N = " + i))))
                .toList();
        var calls = uploads.stream()
                .<Callable<Integer>>map(upload -> () -> post(upload).statusCode())
                .toList();
        assertEquals(List.of(200), together(calls).stream().distinct().toList());
        assertEquals(16, files("oar").size());
        page("oar").then().body("files.filename", hasItems(uploads.getFirst().filename, uploads.getLast().filename));
        for (var upload : uploads) {
            assertArrayEquals(upload.file, fetched("oar", upload.filename));
        }
    }

    @Test
    void concurrentSourceDistributionsSucceedOnce() throws Exception {
        var calls = Stream.of("oar-1.0.tar.gz", "Oar-1.0.tar.gz", "OAR-1.0.tar.gz", "oar-1.0.0.tar.gz")
                .map(name -> UploadFormFixture.of(
                        "oar", "1.0", name, UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/x", name)).file))
                .<Callable<Integer>>map(upload -> () -> post(upload).statusCode())
                .toList();
        assertEquals(
                List.of(200, 400, 400, 400), together(calls).stream().sorted().toList());
        assertEquals(1, files("oar").size());
    }

    @Test
    void concurrentSimilarNamesSucceedOnce() throws Exception {
        var calls = Stream.of("tall_oar", "talloar", "ta11_oar", "tail.0ar")
                .map(name -> UploadFormFixture.wheel(name, "1.0"))
                .<Callable<Integer>>map(upload -> () -> post(upload).statusCode())
                .toList();
        assertEquals(
                List.of(200, 400, 400, 400), together(calls).stream().sorted().toList());
    }

    private static List<Integer> together(List<Callable<Integer>> calls) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<Integer>();
            for (var future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        }
    }
}
