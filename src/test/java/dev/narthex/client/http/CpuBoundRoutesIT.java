package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import dev.narthex.http.CpuBoundRoutes;
import dev.narthex.nix.NarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that are as much work as a caller can make them, twice as many at once as there are processors, at every route that
 * works on callers' input; while others go on being answered.
 */
class CpuBoundRoutesIT {
    private static final int AT_ONCE = 2 * Runtime.getRuntime().availableProcessors();
    private static final long LIMIT_MILLIS = 1000;
    private static final int MIB = 1 << 20;

    private static Path data;
    private static Server server;
    private static String probed;

    /** May only push to the cache main, and may only publish there. */
    private static String push;

    private static String publish;

    private static Map<String, Attack> attacks;

    /**
     * A request that is a lot of work.
     *
     * @param token of the caller with the least rights that is admitted; empty if everybody is
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
        var zeros = zstd(NarWriter.flat(512L * MIB, zeros(512L * MIB)));
        var pushed = Optional.of(push);
        var published = Optional.of(publish);
        var name = SmallNar.path("starving-1.0");
        var hash = SmallNar.hashPart(name);
        var sent = zstd(NarWriter.flat(128L * MIB, zeros(128L * MIB)));
        assertEquals(201, put("/main/nar/starving.nar.xz", sent));
        assertEquals(201, put("/main/nar/starving.nar.lz4", sent));
        return Map.ofEntries(
                attack("NAR", "PUT", "/main/nar/zeros.nar.zst", zeros, pushed),
                attack("narinfo", "PUT", "/main/" + hash + ".narinfo", narInfo(name), pushed),
                attack("listing", "PUT", "/main/" + hash + ".ls", gzip(120 * MIB), pushed, "Content-Encoding", "gzip"),
                attack(
                        "build log",
                        "PUT",
                        "/main/log/" + hash + "-x.drv",
                        gzip(250 * MIB),
                        pushed,
                        "Content-Encoding",
                        "gzip"),
                attack(
                        "realisation",
                        "PUT",
                        "/main/build-trace-v2/" + hash + "-x.drv/out.doi",
                        gzip(60 * MIB),
                        pushed,
                        "Content-Encoding",
                        "gzip"),
                attack(
                        "derivation metadata",
                        "PUT",
                        "/_api/v1/main/derivation-meta",
                        members(400_000, i -> "\"a" + i + "\":{\"outputs\":{}}"),
                        pushed),
                attack(
                        "attic upload",
                        "PUT",
                        "/_api/v1/upload-path",
                        zeros,
                        pushed,
                        "X-Attic-Nar-Info",
                        atticInfo(name)),
                attack("attic query", "POST", "/_api/v1/get-missing-paths", hashes(200_000), pushed),
                attack("lock", "POST", "/_api/v1/main/locks/npm", lock(), Optional.empty()),
                attack("import", "POST", "/_api/v1/main/import", hashes(600_000), Optional.of(adminToken())),
                attack(
                        "npm audit",
                        "POST",
                        "/registry/main/npm/-/npm/v1/security/advisories/bulk",
                        gzip(members(4_000_000, i -> "\"p" + i + "\":[\"1\"]")),
                        Optional.empty(),
                        "Content-Encoding",
                        "gzip"),
                attack("npm publish", "PUT", "/registry/main/npm/starving", document(), published),
                attack(
                        "PyPI upload",
                        "POST",
                        "/registry/main/pypi/legacy/",
                        form(),
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
    void everyAttackMeetsTheRouteThatItIsNamedFor() {
        assertEquals(attacks.keySet(), routes().collect(Collectors.toSet()));
        attacks.forEach((name, attack) -> assertEquals(
                Optional.of(name),
                CpuBoundRoutes.find(attack.method(), attack.path().replaceFirst("\\?.*", ""))
                        .map(CpuBoundRoutes.Route::name)));
    }

    @ParameterizedTest
    @MethodSource("routes")
    void othersAreAnsweredMeanwhile(String route) throws Exception {
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

    /** Milliseconds that other requests took while something ran, in order. */
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

    // ── what is a lot of work ──

    private static InputStream zeros(long count) {
        return new InputStream() {
            private long left = count;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int n = (int) Math.min(left, length);
                java.util.Arrays.fill(bytes, offset, offset + n, (byte) 0);
                left -= n;
                return n;
            }
        };
    }

    private static byte[] zstd(InputStream content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (content;
                var zstd = new ZstdOutputStream(out, 1)) {
            content.transferTo(zstd);
        }
        return out.toByteArray();
    }

    private static byte[] gzip(int spaces) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            var block = " ".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
            for (int written = 0; written < spaces; written += MIB) {
                gzip.write(block);
            }
        }
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] members(int count, IntFunction<String> member) {
        return IntStream.range(0, count)
                .mapToObj(member)
                .collect(Collectors.joining(",", "{", "}"))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] narInfo(String path) throws IOException {
        var lines = SmallNar.of(Map.of("file", "x")).narInfo(path);
        var one = path.substring("/nix/store/".length()) + " ";
        lines.put("References", one.repeat(1_000_000 / one.length()).strip());
        return SmallNar.text(lines).getBytes(StandardCharsets.US_ASCII);
    }

    private static String atticInfo(String path) {
        return "{\"cache\":\"main\",\"store_path\":\"%s\",\"store_path_hash\":\"%s\",\"nar_hash\":\"sha256:%s\",\"nar_size\":%d}"
                .formatted(path, SmallNar.hashPart(path), "0".repeat(64), NarWriter.flatSize(512L * MIB));
    }

    private static byte[] hashes(int count) {
        var hash = "\"" + "0".repeat(32) + "\"";
        return ("{\"cache\":\"main\",\"store_path_hashes\":[" + String.join(",", Collections.nCopies(count, hash))
                        + "]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] lock() {
        var packages = new String(
                members(300_000, i -> "\"node_modules/p" + i + "\":{\"version\":\"1.0.0\"}"),
                StandardCharsets.US_ASCII);
        return ("{\"lockfileVersion\":3,\"packages\":" + packages + "}").getBytes(StandardCharsets.US_ASCII);
    }

    /** As much metadata as a document may have, and a tarball that unpacks to more than it may. */
    private static byte[] document() throws IOException {
        var metadata = new String(members(900_000, i -> "\"m" + i + "\":1"), StandardCharsets.US_ASCII);
        var tar = Base64.getEncoder().encodeToString(tgz(300));
        return ("{\"_attachments\":{\"starving-1.0.0.tgz\":{\"data\":\"" + tar + "\"}},\"more\":" + metadata + "}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] form() throws IOException {
        var wheel = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(wheel)) {
            zip.setLevel(Deflater.BEST_SPEED);
            zip.putNextEntry(new ZipEntry("starving/data.bin"));
            write(zip, 300);
        }
        var out = new ByteArrayOutputStream();
        for (var field : List.of(
                ":action=file_upload",
                "protocol_version=1",
                "name=starving",
                "version=1.0",
                "filetype=bdist_wheel",
                "pyversion=py3",
                "metadata_version=2.1")) {
            var parts = field.split("=");
            out.writeBytes(
                    ("--x\r\nContent-Disposition: form-data; name=\"" + parts[0] + "\"\r\n\r\n" + parts[1] + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(
                "--x\r\nContent-Disposition: form-data; name=\"content\"; filename=\"starving-1.0-py3-none-any.whl\"\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(wheel.toByteArray());
        out.writeBytes("\r\n--x--\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    /** What compresses well, but not so well that it is taken for an attack. */
    private static void write(OutputStream out, int mib) throws IOException {
        var random = new Random(1);
        var block = new byte[4096];
        var few = new byte[20];
        for (int written = 0; written < mib * 256; written++) {
            random.nextBytes(few);
            System.arraycopy(few, 0, block, 0, few.length);
            out.write(block);
        }
    }

    private static byte[] tgz(int mib) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            var entry = new TarArchiveEntry("package/data.bin");
            entry.setSize((long) mib * MIB);
            tar.putArchiveEntry(entry);
            write(tar, mib);
            tar.closeArchiveEntry();
        }
        return out.toByteArray();
    }

    /** @return hash part of a path that is an archive, as large as pages look into */
    private static String tarball() throws Exception {
        var path = SmallNar.path("tarred-1.0");
        new NixPushClient(server, "main").publish(SmallNar.flat(tgz(120)), path);
        return SmallNar.hashPart(path);
    }

    /** Two texts with the same lines in another order. */
    private static Map.Entry<String, Attack> comparison() throws Exception {
        var lines = IntStream.range(0, 4900)
                .mapToObj(i -> Integer.toString(i, 36))
                .collect(Collectors.toCollection(ArrayList::new));
        var a = text("compared-a-1.0", lines);
        Collections.shuffle(lines, new Random(1));
        var b = text("compared-b-1.0", lines);
        return attack("comparison", "GET", "/main/path/" + a + "/diff/" + b, new byte[0], Optional.empty());
    }

    private static String text(String name, List<String> lines) throws Exception {
        var path = SmallNar.path(name);
        var files = IntStream.range(0, 20)
                .boxed()
                .collect(Collectors.toMap(i -> "f" + i, i -> String.join(i + "\n", lines)));
        new NixPushClient(server, "main").publish(SmallNar.of(files), path);
        return SmallNar.hashPart(path);
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
}
