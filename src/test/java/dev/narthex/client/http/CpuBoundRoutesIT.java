package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import dev.narthex.http.CpuBoundRoutes;
import dev.narthex.nix.NarWriter;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends the most expensive requests that callers can make to every route that works on client input, twice as many at once as
 * there are cores, while other requests must be served.
 */
class CpuBoundRoutesIT {
    private static final int AT_ONCE = 2 * Runtime.getRuntime().availableProcessors();
    private static final long LIMIT_MILLIS = 1000;

    private static Path data;
    private static Server server;
    private static String probed;

    /** A token that may only push to the cache main, and one that may only publish there. */
    private static String push;

    private static String publish;

    private static Map<String, Attack> attacks;

    /**
     * An expensive request.
     *
     * @param token with the fewest permissions that suffice; empty if everyone may send it
     */
    private record Attack(String method, String path, byte[] body, Optional<String> token, List<String> headers) {
        HttpRequest request(boolean anonymous) {
            var request = server.request(path)
                    .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            if (!anonymous) {
                token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
            }
            for (int i = 0; i < headers.size(); i += 2) {
                request.header(headers.get(i), headers.get(i + 1));
            }
            return request.timeout(Duration.ofMinutes(2)).build();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        data = Server.folder();
        server = Server.start(data, "-Xmx512m", "-Dnarthex.invalid-credentials-per-minute=100000");
        push = token("push");
        publish = token("publish");
        var path = SmallNar.path("probe-1.0");
        new NixPushClient(server, "main").publish(SmallNar.of(Map.of("file", "probe")), path);
        probed = SmallNar.hashPart(path);
        attacks = attacks();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        DataFolders.delete(data);
    }

    private static String token(String action) throws IOException, InterruptedException {
        var body = "{\"label\":\"%s\",\"caches\":[\"main\"],\"actions\":[\"%s\"]}".formatted(action, action);
        var answer = server.http.send(
                server.authorized("/_api/v1/tokens")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, answer.statusCode(), answer.body());
        return new ObjectMapper().readTree(answer.body()).path("token").asText();
    }

    private static Map<String, Attack> attacks() throws Exception {
        var zeros = CpuHeavyBodies.zstd(
                NarWriter.flat(512L * CpuHeavyBodies.MIB, CpuHeavyBodies.zeros(512L * CpuHeavyBodies.MIB)));
        var pushed = Optional.of(push);
        var published = Optional.of(publish);
        var name = SmallNar.path("starving-1.0");
        var hash = SmallNar.hashPart(name);
        var sent = CpuHeavyBodies.zstd(
                NarWriter.flat(128L * CpuHeavyBodies.MIB, CpuHeavyBodies.zeros(128L * CpuHeavyBodies.MIB)));
        assertEquals(201, put("/main/nar/starving.nar.xz", sent));
        assertEquals(201, put("/main/nar/starving.nar.lz4", sent));
        return Map.ofEntries(
                attack("NAR", "PUT", "/main/nar/zeros.nar.zst", zeros, pushed),
                attack("narinfo", "PUT", "/main/" + hash + ".narinfo", CpuHeavyBodies.narInfo(name), pushed),
                attack(
                        "listing",
                        "PUT",
                        "/main/" + hash + ".ls",
                        CpuHeavyBodies.gzip(120 * CpuHeavyBodies.MIB),
                        pushed,
                        "Content-Encoding",
                        "gzip"),
                attack(
                        "build log",
                        "PUT",
                        "/main/log/" + hash + "-x.drv",
                        CpuHeavyBodies.gzip(250 * CpuHeavyBodies.MIB),
                        pushed,
                        "Content-Encoding",
                        "gzip"),
                attack(
                        "realisation",
                        "PUT",
                        "/main/build-trace-v2/" + hash + "-x.drv/out.doi",
                        CpuHeavyBodies.gzip(60 * CpuHeavyBodies.MIB),
                        pushed,
                        "Content-Encoding",
                        "gzip"),
                attack(
                        "derivation metadata",
                        "PUT",
                        "/_api/v1/main/derivation-meta",
                        CpuHeavyBodies.members(400_000, i -> "\"a" + i + "\":{\"outputs\":{}}"),
                        pushed),
                attack(
                        "attic upload",
                        "PUT",
                        "/_api/v1/upload-path",
                        zeros,
                        pushed,
                        "X-Attic-Nar-Info",
                        CpuHeavyBodies.atticInfo(name)),
                attack("attic query", "POST", "/_api/v1/get-missing-paths", CpuHeavyBodies.hashes(200_000), pushed),
                attack("lock", "POST", "/_api/v1/main/locks/npm", CpuHeavyBodies.lock(), Optional.empty()),
                attack(
                        "import",
                        "POST",
                        "/_api/v1/main/import",
                        CpuHeavyBodies.hashes(600_000),
                        Optional.of(adminToken())),
                attack(
                        "npm audit",
                        "POST",
                        "/registry/main/npm/-/npm/v1/security/advisories/bulk",
                        CpuHeavyBodies.gzip(CpuHeavyBodies.members(4_000_000, i -> "\"p" + i + "\":[\"1\"]")),
                        Optional.empty(),
                        "Content-Encoding",
                        "gzip"),
                attack("npm publish", "PUT", "/registry/main/npm/starving", CpuHeavyBodies.document(), published),
                attack(
                        "PyPI upload",
                        "POST",
                        "/registry/main/pypi/legacy/",
                        CpuHeavyBodies.form(),
                        published,
                        "Content-Type",
                        "multipart/form-data; boundary=x"),
                attack("NAR in xz", "GET", "/main/nar/starving.nar.xz", new byte[0], Optional.empty()),
                attack("recompressed NAR", "GET", "/main/nar/starving.nar.lz4", new byte[0], pushed),
                comparison(),
                attack("files", "GET", "/main/path/" + tarball() + "/files", new byte[0], Optional.empty()),
                attack("security", "GET", "/main/nix/tarred@1.0/security", new byte[0], Optional.empty()));
    }

    private static Map.Entry<String, Attack> attack(
            String route, String method, String path, byte[] body, Optional<String> token, String... headers) {
        return Map.entry(route, new Attack(method, path, body, token, List.of(headers)));
    }

    static Stream<String> routes() {
        return CpuBoundRoutes.ALL.stream().map(CpuBoundRoutes.Route::name);
    }

    @Test
    void everyHeavyRequestReachesItsRoute() {
        assertEquals(attacks.keySet(), routes().collect(Collectors.toSet()));
        attacks.forEach((name, attack) -> assertEquals(
                Optional.of(name),
                CpuBoundRoutes.find(attack.method(), attack.path().replaceFirst("\\?.*", ""))
                        .map(CpuBoundRoutes.Route::name)));
    }

    @ParameterizedTest
    @MethodSource("routes")
    void otherRequestsAreServedMeanwhile(String route) throws Exception {
        var attack = attacks.get(route);
        for (boolean anonymous : attack.token().isPresent() ? List.of(true, false) : List.of(true)) {
            var answers = IntStream.range(0, AT_ONCE)
                    .mapToObj(i -> server.http.sendAsync(attack.request(anonymous), BodyHandlers.discarding()))
                    .toList();
            var all = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
            var millis = probe(all);
            var statuses = answers.stream()
                    .map(answer -> answer.handle((a, failure) -> a == null ? 0 : a.statusCode())
                            .join())
                    .toList();
            long late = timeWeightedP99(millis);
            System.out.printf(
                    "cpu: %-22s %-9s answered %s; %d others, p50 %d ms, p99 %d ms, max %d ms%n",
                    route,
                    anonymous ? "anonymous" : "token",
                    statuses,
                    millis.size(),
                    millis.get(millis.size() / 2),
                    late,
                    millis.getLast());
            assertTrue(late < LIMIT_MILLIS, () -> "others waited for " + late + " ms");
            assertTrue(statuses.stream().allMatch(status -> status != 500), statuses::toString);
        }
    }

    /**
     * Returns the 99th percentile of the wait, weighted by time. The probe sends one request after another and so sends few
     * while the
     * server is busy; unweighted, one long stall would disappear behind thousands of quick responses.
     *
     * @param millis response times in ascending order
     */
    private static long timeWeightedP99(List<Long> millis) {
        long total = millis.stream().mapToLong(Long::longValue).sum();
        long slow = 0;
        for (var one : millis.reversed()) {
            slow += one;
            if (slow * 100 > total) {
                return one;
            }
        }
        return 0;
    }

    /** Returns the response times of other requests meanwhile in milliseconds, in ascending order. */
    private static List<Long> probe(CompletableFuture<?> running) throws Exception {
        var millis = new ArrayList<Long>();
        do {
            for (var path : List.of("/main/nix-cache-info", "/main/" + probed + ".narinfo", "/main")) {
                long begun = System.nanoTime();
                var answer = server.http.send(
                        server.request(path).header("Accept", "*/*").build(), BodyHandlers.discarding());
                assertEquals(200, answer.statusCode(), path);
                millis.add((System.nanoTime() - begun) / 1_000_000);
            }
        } while (!running.isDone());
        Collections.sort(millis);
        return millis;
    }

    /** Two texts with the same lines in a different order. */
    private static Map.Entry<String, Attack> comparison() throws Exception {
        var lines = IntStream.range(0, 4900)
                .mapToObj(i -> Integer.toString(i, 36))
                .collect(Collectors.toCollection(ArrayList::new));
        var a = text("compared-a-1.0", lines);
        Collections.shuffle(lines, new Random(1));
        var b = text("compared-b-1.0", lines);
        return attack("comparison", "GET", "/main/path/" + a + "/diff/" + b, new byte[0], Optional.empty());
    }

    private static String adminToken() throws IOException {
        return java.nio.file.Files.readString(data.resolve("admin-token")).strip();
    }

    private static int put(String path, byte[] body) throws IOException, InterruptedException {
        return server.http
                .send(
                        server.authorized(path)
                                .PUT(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    /**
     * Pushes an archive of the maximum size that pages list.
     *
     * @return hash part of its path
     */
    private static String tarball() throws Exception {
        var path = SmallNar.path("tarred-1.0");
        new NixPushClient(server, "main").publish(SmallNar.flat(CpuHeavyBodies.tgz(120)), path);
        return SmallNar.hashPart(path);
    }

    private static String text(String name, List<String> lines) throws Exception {
        var path = SmallNar.path(name);
        var files = IntStream.range(0, 20)
                .boxed()
                .collect(Collectors.toMap(i -> "f" + i, i -> String.join(i + "\n", lines)));
        new NixPushClient(server, "main").publish(SmallNar.of(files), path);
        return SmallNar.hashPart(path);
    }
}
