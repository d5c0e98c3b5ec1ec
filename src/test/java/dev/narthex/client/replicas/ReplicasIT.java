package dev.narthex.client.replicas;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ReplicaFixture;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NarInfo;
import dev.narthex.store.s3.S3Proxy;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whichever of several servers one asks, it answers as if it were the only one. */
@Tag("long")
class ReplicasIT {
    /** Of an npm package, and of a project of PyPI: each is one path. */
    static final Item TARBALL = item("ms", "2.1.3", "source");

    static final Item WHEEL = item("six", "1.17.0", "package");

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration FOUND = Duration.ofSeconds(2);
    private static final String PACKUMENT = "/registry/main/npm/ms";
    private static final String PROJECT = "/registry/main/pypi/simple/six/";
    private static final Map<String, Object> ANNA = Map.of("sub", "anna-1", "preferred_username", "anna");

    @TempDir
    static Path scratch;

    private static OpenIdServer provider;
    private static ReplicaFixture replicas;

    private static Item item(String name, String version, String kind) {
        return CORPUS.items().stream()
                .filter(i -> i.packageName().equals(name)
                        && i.version().equals(version)
                        && i.kind().equals(kind)
                        && (i.output().equals("dist") || i.ecosystem().equals("npm")))
                .findFirst()
                .orElseThrow();
    }

    @BeforeAll
    static void start() throws Exception {
        provider = new OpenIdServer();
        var options = new ArrayList<>(List.of(provider.options()));
        options.add("-Dnarthex.stop.limit=60s");
        replicas = ReplicaFixture.start(3, S3Proxy.running().endpoint(), options.toArray(String[]::new));
        push(replicas.at(0), "main", TARBALL, WHEEL);
        Poll.until(
                "the registries have them",
                () -> get(replicas.at(0), PACKUMENT).statusCode() == 200
                        && get(replicas.at(0), PROJECT).statusCode() == 200);
    }

    @AfterAll
    static void stop() throws Exception {
        replicas.close();
        provider.close();
    }

    /** By real nix. */
    static void push(Server server, String cache, Item... items) throws Exception {
        var home = Files.createTempDirectory("narthex-push");
        try {
            var token = Files.readString(server.data().resolve("admin-token")).strip();
            var netrc =
                    Files.writeString(home.resolve("netrc"), "machine 127.0.0.1 login token password " + token + "\n");
            var paths = Arrays.stream(items).map(Item::path).toList();
            CORPUS.push(CORPUS.nix(home), netrc, server.uri("/" + cache) + "?compression=zstd", paths)
                    .succeeded();
        } finally {
            DataFolders.delete(home);
        }
    }

    private static HttpResponse<String> get(Server server, String path, String... headers) throws Exception {
        var request = server.request(path);
        return server.http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, Server server) throws Exception {
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    /**
     * Asks until it is so.
     *
     * @return how many milliseconds after the change somebody was still told what was before; 0 if nobody was
     */
    private static long soon(String what, Duration limit, long since, Callable<Boolean> condition) throws Exception {
        long asked = System.nanoTime();
        long stale = since;
        while (!condition.call()) {
            assertTrue(asked - since < limit.toNanos(), "not within " + limit + ": " + what);
            stale = asked;
            asked = System.nanoTime();
        }
        return TimeUnit.NANOSECONDS.toMillis(stale - since);
    }

    private static String told(String what, long millis) {
        return "replicas: the last answer without %s was given %d ms after it%n".formatted(what, millis);
    }

    /** Readers of these at every server, so many that answers come from memory wherever they may, until it is closed. */
    private static final class Readers implements AutoCloseable {
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AtomicBoolean over = new AtomicBoolean();

        Readers(List<String> addresses) throws Exception {
            var warm = new CountDownLatch(replicas.count());
            for (var server : replicas.all()) {
                threads.submit(() -> {
                    for (int i = 0; !over.get(); i++) {
                        for (var address : addresses) {
                            get(server, address);
                        }
                        if (i == 10) {
                            warm.countDown();
                        }
                    }
                    return true;
                });
            }
            assertTrue(warm.await(1, TimeUnit.MINUTES));
        }

        @Override
        public void close() {
            over.set(true);
            threads.close();
        }
    }

    @Test
    void pushThroughOneServerIsVisibleOnAll() throws Exception {
        var sizes = List.of(700, 60_000, 3 << 20, 20 << 20);
        for (int i = 0; i < 3 * sizes.size(); i++) {
            var made = new SeededNar(10_000 + i, sizes.get(i % sizes.size()));
            var address = "/main/" + made.path().hash() + ".narinfo";
            for (var server : replicas.all()) {
                assertEquals(404, get(server, address).statusCode());
            }
            var pushed = NarClient.push(replicas.at(i % replicas.count()), made);
            for (var server : replicas.all()) {
                assertEquals(pushed.narHash(), NarClient.download(server, NarClient.narInfo(server, pushed)));
            }
        }
    }

    /** Half a push at one, the other half at another. */
    @Test
    void theStepsOfAPushMayGoToDifferentOnes() throws Exception {
        for (int i = 0; i < 6; i++) {
            var info = NarClient.push(replicas.front(), new SeededNar(20_000 + i, 100_000 + i));
            assertEquals(
                    info.narHash(), NarClient.download(replicas.front(), NarClient.narInfo(replicas.front(), info)));
        }
    }

    @Test
    void registryResponsesChangeOnAllServers() throws Exception {
        long slowest = 0;
        try (var readers = new Readers(List.of(PACKUMENT, PROJECT))) {
            for (int i = 0; i < 12; i++) {
                var writer = replicas.at(i % replicas.count());
                boolean yanks = i % 2 == 0;
                var tag = "tag-" + i;
                var tagged = writer.authorized("/registry/main/npm/-/package/ms/dist-tags/" + tag)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString("\"2.1.3\""));
                var yanked = writer.authorized("/_api/v1/main/releases/pypi/six@1.17.0/" + (yanks ? "yank" : "unyank"))
                        .POST(BodyPublishers.ofString(yanks ? "{\"reason\":\"It leaks.\"}" : ""));
                assertEquals(2, send(tagged, writer).statusCode() / 100);
                assertEquals(2, send(yanked, writer).statusCode() / 100);
                long since = System.nanoTime();
                for (var server : replicas.all()) {
                    soon(tag, SOON, since, () -> get(server, PACKUMENT).body().contains(tag));
                    long millis = soon(
                            "yanked or not",
                            SOON,
                            since,
                            () -> get(server, PROJECT).body().contains("data-yanked=") == yanks);
                    slowest = Math.max(slowest, millis);
                }
                var bodies = replicas.all().stream()
                        .map(server -> body(server, PACKUMENT) + body(server, PROJECT))
                        .distinct()
                        .toList();
                assertEquals(1, bodies.size(), bodies::toString);
            }
            assertFalse(readers.over.get());
        }
        System.out.printf(told("a change in a registry", slowest));
    }

    private static String body(Server server, String address) {
        try {
            return get(server, address).body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void searchFindsItOnEveryOne() throws Exception {
        long slowest = 0;
        for (int i = 0; i < 9; i++) {
            var name = "lantern" + i;
            new NixPushClient(replicas.at(i % replicas.count()), "main")
                    .publish(SmallNar.of(Map.of("lit", "yes")), SmallNar.path(name + "-1.0"));
            long since = System.nanoTime();
            for (var server : replicas.all()) {
                slowest = Math.max(
                        slowest,
                        soon(
                                name + " is found",
                                FOUND,
                                since,
                                () -> get(server, "/api/search?q=" + name)
                                        .body()
                                        .contains("/main/nix/" + name)));
            }
        }
        System.out.printf(told("a package in search", slowest));
    }

    @Test
    void aTokenThatIsRevokedIsNoneAnywhere() throws Exception {
        cache("behind-tokens", false);
        long slowest = 0;
        for (int i = 0; i < 6; i++) {
            var maker = replicas.at(i % replicas.count());
            var made = send(
                    maker.authorized("/_api/v1/tokens")
                            .POST(BodyPublishers.ofString(
                                    "{\"label\":\"test\",\"caches\":[\"behind-*\"],\"actions\":[\"read\"]}")),
                    maker);
            assertEquals(201, made.statusCode(), made.body());
            var json = new ObjectMapper().readTree(made.body());
            var bearer = "Bearer " + json.path("token").asText();
            for (var server : replicas.all()) {
                assertEquals(
                        200,
                        get(server, "/behind-tokens/nix-cache-info", "Authorization", bearer)
                                .statusCode());
            }
            var other = replicas.at((i + 1) % replicas.count());
            var revoked = send(
                    other.authorized("/_api/v1/tokens/"
                                    + json.path("is").path("id").asText())
                            .DELETE(),
                    other);
            assertEquals(204, revoked.statusCode(), revoked.body());
            long since = System.nanoTime();
            for (var server : replicas.all()) {
                slowest = Math.max(
                        slowest,
                        soon(
                                "revoked",
                                SOON,
                                since,
                                () -> get(server, "/behind-tokens/nix-cache-info", "Authorization", bearer)
                                                .statusCode()
                                        == 401));
            }
        }
        System.out.printf(told("a revoked token", slowest));
    }

    private static void cache(String name, boolean open) throws Exception {
        var server = replicas.front();
        var made = send(
                server.authorized("/_api/v1/caches")
                        .POST(BodyPublishers.ofString("{\"name\":\"" + name + "\",\"public\":" + open + "}")),
                server);
        assertEquals(201, made.statusCode(), made.body());
    }

    @Test
    void aCacheThatIsClosedAtOneIsClosedAtAll() throws Exception {
        cache("harbour", true);
        push(replicas.at(0), "harbour", TARBALL);
        var made = SmallNar.path("buoy-1.0");
        new NixPushClient(replicas.at(0), "harbour").publish(SmallNar.of(Map.of("red", "yes")), made);
        var narinfo = "/harbour/" + SmallNar.hashPart(made) + ".narinfo";
        var packument = "/registry/harbour/npm/ms";
        Poll.until("npm has it", () -> get(replicas.at(0), packument).statusCode() == 200);
        var nar =
                "/harbour/" + NarInfo.parse(get(replicas.at(0), narinfo).body()).url();
        var addresses = List.of(
                narinfo,
                nar,
                packument,
                "/registry/harbour/pypi/simple/",
                "/harbour/nix-cache-info",
                "/harbour",
                "/api/harbour",
                "/harbour/nix/buoy",
                "/api/harbour/npm/ms");
        long slowest = 0;
        try (var readers = new Readers(addresses)) {
            for (int i = 0; i < 6; i++) {
                boolean open = i % 2 == 1;
                open(replicas.at(i % replicas.count()), open);
                long since = System.nanoTime();
                for (var server : replicas.all()) {
                    for (var address : addresses) {
                        slowest = Math.max(
                                slowest,
                                soon(
                                        address + " is " + (open ? "open" : "closed"),
                                        SOON,
                                        since,
                                        () -> open
                                                ? get(server, address).statusCode() == 200
                                                : likeAbsent(server, address)));
                    }
                }
            }
            assertFalse(readers.over.get());
        }
        System.out.printf(told("a closed cache", slowest));
    }

    /** With readers who have it from memory: a leaked secret, and a key that is to be trusted from now on. */
    @Test
    void purgesAndNewKeysApplyOnAllServers() throws Exception {
        cache("rotated", true);
        var stays = SmallNar.path("stays-1.0");
        var leaks = SmallNar.path("leaks-1.0");
        var pusher = new NixPushClient(replicas.at(0), "rotated");
        pusher.publish(SmallNar.of(Map.of("public", "yes")), stays);
        pusher.publish(SmallNar.of(Map.of("secret", "hunter2")), leaks);
        var hash = SmallNar.hashPart(leaks);
        var signed = "/rotated/" + SmallNar.hashPart(stays) + ".narinfo";
        var narinfo = "/rotated/" + hash + ".narinfo";
        var nar =
                "/rotated/" + NarInfo.parse(get(replicas.at(0), narinfo).body()).url();
        var file = "/rotated/path/" + hash + "/files/secret";
        var addresses = List.of(narinfo, nar, "/rotated/" + hash + ".ls", file, "/api" + file);
        try (var readers = new Readers(List.of(signed, narinfo, file))) {
            assertEquals(1, signatures(replicas.at(2), signed));
            assertTrue(get(replicas.at(2), file).body().contains("hunter2"));
            var keys = replicas.at(1).authorized("/_api/v1/caches/rotated/keys").POST(BodyPublishers.noBody());
            assertEquals(201, send(keys, replicas.at(1)).statusCode());
            long since = System.nanoTime();
            for (var server : replicas.all()) {
                soon("signed by both", SOON, since, () -> signatures(server, signed) == 2);
            }
            var purge = replicas.at(1)
                    .authorized("/_api/v1/rotated/path/" + hash + "?with=releases")
                    .DELETE();
            var purged = send(purge, replicas.at(1));
            assertEquals(200, purged.statusCode(), purged.body());
            long gone = System.nanoTime();
            for (var server : replicas.all()) {
                for (var address : addresses) {
                    soon(
                            address + " is gone",
                            SOON,
                            gone,
                            () -> get(server, address).statusCode() == 404);
                }
            }
            assertFalse(readers.over.get());
        }
    }

    private static long signatures(Server server, String narinfo) throws Exception {
        return get(server, narinfo)
                .body()
                .lines()
                .filter(line -> line.startsWith("Sig: "))
                .count();
    }

    private static void open(Server server, boolean open) throws Exception {
        var request = server.authorized("/_api/v1/caches/harbour")
                .method("PATCH", BodyPublishers.ofString("{\"public\":" + open + "}"));
        assertEquals(200, send(request, server).statusCode());
    }

    /** A cache of a name as long, which there never was, answers the same. */
    private static boolean likeAbsent(Server server, String address) throws Exception {
        var closed = get(server, address);
        var absent = get(server, address.replace("harbour", "harbors"));
        return closed.statusCode() == absent.statusCode()
                && closed.body().equals(absent.body().replace("harbors", "harbour"))
                && alike(closed).equals(alike(absent));
    }

    private static Map<String, List<String>> alike(HttpResponse<?> answer) {
        var headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        answer.headers().map().forEach((name, values) -> headers.put(name, values));
        headers.remove("x-request-id");
        headers.remove("date");
        var alike = new TreeMap<String, List<String>>();
        headers.forEach(
                (name, values) -> alike.put(name, List.of(values.toString().replace("harbors", "harbour"))));
        return alike;
    }

    /** Nightly jobs run once, for any number of servers. */
    @Test
    void aNightlyJobRunsOnce() throws Exception {
        for (int nights = 1; nights <= 4; nights++) {
            try (var rows = replicas.rows()) {
                rows.change("update scheduled_tasks set execution_time = now() where task_name = 'snapshots'");
                Poll.until(
                        "the night is over",
                        () -> rows.number("select count(*) from scheduled_tasks where task_name = 'snapshot'"
                                        + " or (task_name = 'snapshots' and (picked or execution_time <= now()))")
                                == 0);
            }
            assertEquals(nights, snapshots());
        }
    }

    private static int snapshots() throws Exception {
        int taken = 0;
        for (var server : replicas.all()) {
            taken += (int) server.log()
                    .lines()
                    .filter(line -> line.matches(".* snapshot \\S+: \\d+ rows in \\d+ bytes"))
                    .count();
        }
        return taken;
    }

    /** Each has one release with one artifact, and the log of changes tells of it as often as of the others. */
    @Test
    void aPushedPathIsRecognizedOnce() throws Exception {
        for (int i = 0; i < 30; i++) {
            new NixPushClient(replicas.at(i % replicas.count()), "main")
                    .publish(SmallNar.of(Map.of("number", "" + i)), SmallNar.path("once" + i + "-1.0"));
        }
        try (var rows = replicas.rows()) {
            Poll.until(
                    "all are recognised",
                    () -> rows.number("select count(*) from package where name like 'once%'") == 30
                            && rows.number(
                                            "select count(*) from scheduled_tasks where task_name in ('recognise', 'again')")
                                    == 0);
            assertEquals("1 1 1", rows.text("""
                            select string_agg(distinct concat_ws(' ', releases, artifacts, changes), ', ') from (
                              select p.id, (select count(*) from release r where r.package_id = p.id) as releases,
                                (select count(*) from artifact a join release r on r.id = a.release_id
                                  where r.package_id = p.id) as artifacts,
                                (select count(*) from change c where c.package_id = p.id) as changes
                              from package p where p.name like 'once%') as each"""));
        }
    }

    @Test
    void signInThroughOneServerAppliesToAll() throws Exception {
        provider.next = ANNA;
        // each step of signing in, and of a form, is another server's
        var visitor = new ScriptlessBrowser(replicas.front());
        var page = visitor.signIn();
        assertEquals(200, page.statusCode(), page.body());
        for (var server : replicas.all()) {
            var own = visitor.get(server.uri("/me"));
            assertEquals(200, own.statusCode(), own.body());
            assertTrue(own.body().contains("anna"), own.body());
        }
        for (int i = 0; i < replicas.count(); i++) {
            var form = Map.of("make", "token", "label", "laptop-" + i, "cache", "main", "may", "push", "days", "30");
            var filled = new TreeMap<>(form);
            filled.put("key", visitor.key("/me/tokens"));
            var made = visitor.post("/me/tokens", filled);
            assertTrue(made.body().contains("nrx_"), made.body());
        }
    }

    @Test
    void serversEndOneByOneAndNobodyNotices() throws Exception {
        var nar = new SeededNar(30_000, 8 << 20);
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var push = pushing(replicas.at(0), nar, begun, goOn);
        begun.await();
        var asked = new AtomicInteger();
        var refused = new ConcurrentLinkedQueue<Integer>();
        var over = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var reading = threads.submit(() -> {
                while (!over.get()) {
                    int status = get(replicas.front(), "/main/nix-cache-info").statusCode();
                    asked.incrementAndGet();
                    if (status != 200) {
                        refused.add(status);
                    }
                }
                return true;
            });
            for (int i = 1; i < replicas.count(); i++) {
                replicas.again(i);
            }
            // this one waits for the upload, and takes nothing else
            replicas.at(0).askToEnd();
            int before = asked.get();
            Poll.until("others are asked", () -> asked.get() > before + 300);
            assertTrue(replicas.at(0).alive());
            goOn.countDown();
            assertEquals(201, push.get().statusCode(), push.get().body());
            replicas.at(0).ended();
            replicas.again(0);
            over.set(true);
            reading.get();
        }
        assertEquals(List.of(), List.copyOf(refused), "of " + asked + " reads through nginx");
    }

    private static CompletableFuture<HttpResponse<String>> pushing(
            Server server, SeededNar nar, CountDownLatch begun, CountDownLatch goOn) throws Exception {
        var body = BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> nar.halting(begun, goOn)), nar.narSize());
        return server.http.sendAsync(
                server.authorized("/main/nar/made-" + nar.seed() + ".nar")
                        .PUT(body)
                        .build(),
                BodyHandlers.ofString());
    }
}
