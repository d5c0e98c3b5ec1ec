package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.TraceCollectorServer;
import dev.narthex.ops.postgres.EmbeddedPostgres;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operation of a server: health, metrics, logs, start and stop. */
class OperationsIT {
    private static final String PROXY = "127.0.0.2";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";
    private static final long NAR_BYTES = 3L << 20;

    @TempDir
    Path scratch;

    /** One server after another on the same data, because each start takes seconds. */
    @Test
    void serverReportsMetricsAndStopsGracefully() throws Exception {
        var data = Server.freshFolder();
        try (var collector = new TraceCollectorServer();
                var server = Server.start(
                        data,
                        "-Dnarthex.traces.url=" + collector.url(),
                        "-Dquarkus.otel.bsp.schedule.delay=200ms",
                        "-Dnarthex.log.format=json",
                        "-Dnarthex.log.requests=true",
                        "-Dnarthex.stop.limit=60s",
                        "-Dnarthex.trusted-proxies=" + PROXY)) {
            requestsHaveIds(server);
            linesAreJsonWithoutSecrets(server);
            requestsAreTraced(server, collector);
            healthHasReasons(server);
            requestsAreCounted(server);
            for (int i = 0; i < 4; i++) {
                NarClient.push(server, new SeededNar(20 + i, 40_000));
            }
            anUploadSurvivesTheEnd(server);
        }
        anotherFolderIsRefused(data);
        aNewerSchemaIsRefused(data);
    }

    private static void requestsHaveIds(Server server) throws Exception {
        var own = id(ask(server, "127.0.0.1", "/main/nix-cache-info", "X-Request-Id", "of-the-proxy-1"));
        assertTrue(own.matches("[0-9a-f]{16}"), own);
        var other = ask(
                server,
                "127.0.0.1",
                "/main/nix-cache-info",
                "X-Request-Id",
                "of-the-proxy-1",
                "X-Forwarded-Trusted-Proxy",
                "true");
        assertNotEquals("of-the-proxy-1", id(other), "whoever says that he is trusted is not");
        assertNotEquals(own, id(other));
        assertEquals("of-the-proxy-1", id(ask(server, PROXY, "/no/such", "X-Request-Id", "of-the-proxy-1")));
        var wrong = id(ask(server, PROXY, "/main/nix-cache-info", "X-Request-Id", "of the proxy; 1"));
        assertTrue(wrong.matches("[0-9a-f]{16}"), wrong);
    }

    private static void linesAreJsonWithoutSecrets(Server server) throws Exception {
        ask(
                server,
                PROXY,
                "/main?token=hidden-1",
                "X-Request-Id",
                "seen-in-the-log",
                "traceparent",
                "00-" + TRACE + "-" + SPAN + "-01");
        ask(server, PROXY, "/login/HIDD-EN22");
        Poll.until("the request is logged", () -> server.log().contains("seen-in-the-log"));
        var lines = server.log().lines().toList();
        assertEquals(
                List.of(),
                lines.stream()
                        .filter(OperationsIT::ofNarthex)
                        .filter(line -> !line.matches("\\{.*}"))
                        .toList());
        var line = lines.stream()
                .filter(one -> one.contains("seen-in-the-log") && one.contains("\"loggerName\":\"requests\""))
                .findFirst()
                .orElseThrow(() -> new AssertionError(lines));
        assertTrue(line.contains("GET /main 200 "), line);
        assertTrue(line.contains("\"request\":\"seen-in-the-log\"") && line.contains(TRACE), line);
        assertFalse(server.log().contains("hidden-1") || server.log().contains("HIDD-EN22"), server.log());
        assertFalse(server.log().contains("nrx_"), "a log holds no token");
    }

    private static void requestsAreTraced(Server server, TraceCollectorServer collector) throws Exception {
        var trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        ask(server, PROXY, "/main/npm?q=hidden-2", "traceparent", "00-" + trace + "-" + SPAN + "-01");
        ask(server, PROXY, "/main/npm?unsampled", "traceparent", "00-" + "9".repeat(32) + "-" + SPAN + "-00");
        Poll.until(
                "the request and its statements are sent",
                () -> collector.spans(trace).stream().anyMatch(OperationsIT::ofCaller));
        var spans = collector.spans(trace);
        var request = spans.stream().filter(OperationsIT::ofCaller).findFirst().orElseThrow();
        assertTrue(request.getName().startsWith("GET /{cache}/"), request.getName());
        var statements = spans.stream()
                .filter(span -> span.getParentSpanId().equals(request.getSpanId()))
                .filter(span -> span.toString().toLowerCase(Locale.ROOT).contains("select"))
                .toList();
        assertFalse(statements.isEmpty(), spans.toString());
        Poll.until(
                "a job is sent",
                () -> collector.spans().stream().anyMatch(span -> span.getName().startsWith("job ")));
        assertEquals(List.of(), collector.spans("9".repeat(32)), "the caller decided");
        for (var hidden : List.of("hidden-1", "hidden-2", "HIDD-EN22", "nrx_")) {
            assertEquals(
                    List.of(),
                    collector.spans().stream()
                            .filter(span -> span.toString().contains(hidden))
                            .toList());
        }
        assertTrue(collector.text().contains("narthex"), "of which service");
    }

    private static boolean ofCaller(Span span) {
        return TraceCollectorServer.hex(span.getParentSpanId().toByteArray()).equals(SPAN);
    }

    private static void healthHasReasons(Server server) throws Exception {
        for (var path : List.of("live", "ready", "started", "group/writable")) {
            var answer = manage(server, "/q/health/" + path);
            assertEquals(200, answer.statusCode(), path + ": " + answer.body());
        }
        var ready = manage(server, "/q/health/ready").body();
        assertTrue(ready.contains("\"database\"") && ready.contains("\"index\"") && ready.contains("reason"), ready);
        var writable = manage(server, "/q/health/group/writable").body();
        assertTrue(writable.contains("\"disk\"") && writable.contains("freeBytes"), writable);
    }

    private static void requestsAreCounted(Server server) throws Exception {
        var before =
                number(metrics(server), "narthex_requests_seconds_count", "act=\"read\",face=\"nix\",status=\"2xx\"");
        ask(server, "127.0.0.1", "/main/nix-cache-info");
        for (int i = 0; i < 50; i++) {
            ask(server, "127.0.0.1", "/main/" + "0".repeat(30) + (10 + i) + ".narinfo");
        }
        Poll.until("the requests are counted", () -> {
            var after = number(
                    metrics(server), "narthex_requests_seconds_count", "act=\"read\",face=\"nix\",status=\"2xx\"");
            return after == before + 1;
        });
        var seen = metrics(server);
        assertTrue(
                number(seen, "narthex_requests_seconds_count", "act=\"read\",face=\"nix\",status=\"4xx\"") >= 50, seen);
        assertTrue(number(seen, "narthex_bytes_total", "direction=\"out\",face=\"nix\"") > 0, seen);
        assertFalse(seen.contains("0".repeat(30)), "a label holds an address");
        for (var name : List.of(
                "jvm_memory_used_bytes",
                "agroal_active_count",
                "narthex_disk_free_bytes",
                "narthex_scrub_oldest_seconds",
                "narthex_snapshot_age_seconds")) {
            assertTrue(seen.contains("\n" + name), name + " is not in " + seen);
        }
        Poll.until("the store and the queue are measured", () -> {
            var now = metrics(server);
            return number(now, "narthex_packs", "state=\"live\"") >= 0
                    && number(now, "narthex_jobs", "state=\"waiting\"") >= 1
                    && number(now, "narthex_index_lag_seconds", "") >= 0;
        });
    }

    /** SIGTERM during a push: the server is not ready any more, the push succeeds, then the process exits. */
    private static void anUploadSurvivesTheEnd(Server server) throws Exception {
        var nar = new SeededNar(7, NAR_BYTES);
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var body = BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> nar.halting(begun, goOn)), nar.narSize());
        var push = server.http.sendAsync(
                server.authorized("/main/nar/slow.nar").PUT(body).build(), BodyHandlers.ofString());
        begun.await();
        server.askToEnd();
        Poll.until(
                "it says that it is not ready",
                () -> manage(server, "/q/health/ready").statusCode() == 503);
        assertFalse(push.isDone(), "the push was cut");
        assertTrue(server.alive());
        goOn.countDown();
        var answer = push.get();
        assertEquals(201, answer.statusCode(), answer.body());
        assertEquals(143, server.ended());
    }

    private void anotherFolderIsRefused(Path data) throws Exception {
        var store = data.resolve("store");
        var away = data.resolve("elsewhere");
        Files.move(store, away);
        var told = refused(new ProgramRunner(scratch), Server.command(data));
        assertTrue(told.contains("is in the directory (" + store + ")"), told);
        assertTrue(told.contains("narthex.store.lost=true"), told);
        try (var all = Files.walk(store)) {
            assertEquals(List.of(), all.filter(Files::isRegularFile).toList());
        }
        Files.move(store, data.resolve("made"));
        Files.move(away, store);
    }

    private void aNewerSchemaIsRefused(Path data) throws Exception {
        try (var postgres = EmbeddedPostgres.start(data.resolve("postgres/17"))) {
            var database = postgres.database();
            try (var connection =
                            DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                    var insert = connection.createStatement()) {
                insert.execute(
                        "insert into flyway_schema_history"
                                + " (installed_rank, version, description, type, script, installed_by, execution_time, success)"
                                + " values (9999, '9999', 'from the future', 'SQL', 'V9999__from_the_future.sql', 'x', 1, true)");
            }
        }
        var told = refused(new ProgramRunner(scratch), Server.command(data));
        assertTrue(
                told.contains("This database was used by a newer Narthex: its schema has V9999 (from the future)"),
                told);
        assertEquals(
                1,
                told.strip()
                        .lines()
                        .filter(line -> !line.startsWith("Narthex is at"))
                        .count(),
                told);
    }

    @Test
    void invalidSettingsAreReportedTogetherBeforeTheStart() throws Exception {
        var told = refused(
                new ProgramRunner(scratch).with("NARTHEX_AUDIT_DAYS", "a year").with("NARTHEX_OIDC_CLIENT", "x"),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dnarthex.data=" + scratch.resolve("data"),
                        "-Dnarthex.log.fromat=json",
                        "-jar",
                        Server.command(scratch).getLast()));
        for (var wrong : List.of(
                "narthex.log.fromat is no setting. Is narthex.log.format meant?",
                "NARTHEX_AUDIT_DAYS is “a year”",
                "NARTHEX_OIDC_CLIENT is no setting. Is NARTHEX_OIDC_CLIENT_ID meant?")) {
            assertTrue(told.contains(wrong), told);
        }
        assertFalse(scratch.resolve("data").toFile().exists());
    }

    /** Without lines of the JVM, which warns about libraries. */
    private static boolean ofNarthex(String line) {
        return !line.startsWith("WARNING: ");
    }

    private static String refused(ProgramRunner programs, List<String> command) {
        var result = programs.run(command);
        var told = result.out() + result.err();
        assertEquals(1, result.status(), told);
        assertFalse(told.contains("\tat ") || told.contains("Exception"), told);
        return told;
    }

    private static HttpResponse<String> ask(Server server, String from, String path, String... headers)
            throws Exception {
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.getByName(from))
                .build()) {
            var request = server.request(path);
            return client.send(
                    (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
        }
    }

    private static String id(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-Request-Id").orElse("");
    }

    private static HttpResponse<String> manage(Server server, String path) throws Exception {
        HttpRequest request = server.management(path).build();
        return server.http.send(request, BodyHandlers.ofString());
    }

    private static String metrics(Server server) throws Exception {
        return manage(server, "/q/metrics").body();
    }

    /** Returns the value of the line with these labels; NaN if there is none or it is unknown. */
    private static double number(String metrics, String name, String labels) {
        var line = Pattern.compile(
                        "^" + name + (labels.isEmpty() ? "" : Pattern.quote("{" + labels + "}")) + " (\\S+)(?: # .*)?$",
                        Pattern.MULTILINE)
                .matcher(metrics);
        return line.find() ? Double.parseDouble(line.group(1)) : Double.NaN;
    }
}
