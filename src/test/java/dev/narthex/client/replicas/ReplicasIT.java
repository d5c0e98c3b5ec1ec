package dev.narthex.client.replicas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whichever of several servers one asks, it answers as if it were the only one. */
@Tag("long")
class ReplicasIT extends ReplicasSetup {
    private static final Duration FOUND = Duration.ofSeconds(2);

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
    void stepsOfAPushMayUseDifferentServers() throws Exception {
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

    @Test
    void searchFindsThePackageOnAllServers() throws Exception {
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

    /** Nightly jobs run once, for any number of servers. */
    @Test
    void nightlyJobRunsOnce() throws Exception {
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
    void pushedPathIsRecognizedOnce() throws Exception {
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
    void rollingRestartIsUnnoticed() throws Exception {
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
