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

/** Several servers behave like one. */
@Tag("long")
class ReplicasIT extends ReplicasSetup {
    private static final Duration MAX_SEARCH_DELAY = Duration.ofSeconds(2);

    @Test
    void pushThroughOneServerIsVisibleOnAll() throws Exception {
        var sizes = List.of(700, 60_000, 3 << 20, 20 << 20);
        for (int i = 0; i < 3 * sizes.size(); i++) {
            var nar = new SeededNar(10_000 + i, sizes.get(i % sizes.size()));
            var address = "/main/" + nar.path().hash() + ".narinfo";
            for (var server : replicas.all()) {
                assertEquals(404, get(server, address).statusCode());
            }
            var info = NarClient.push(replicas.at(i % replicas.count()), nar);
            for (var server : replicas.all()) {
                assertEquals(info.narHash(), NarClient.download(server, NarClient.narInfo(server, info)));
            }
        }
    }

    /** Half of the push goes to one server, the other half to another. */
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
        long slowestMillis = 0;
        try (var readers = new Readers(List.of(PACKUMENT, PROJECT))) {
            for (int i = 0; i < 12; i++) {
                var writer = replicas.at(i % replicas.count());
                boolean yank = i % 2 == 0;
                var tag = "tag-" + i;
                var tagRequest = writer.authorized("/registry/main/npm/-/package/ms/dist-tags/" + tag)
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString("\"2.1.3\""));
                var yankRequest = writer.authorized(
                                "/_api/v1/main/releases/pypi/six@1.17.0/" + (yank ? "yank" : "unyank"))
                        .POST(BodyPublishers.ofString(yank ? "{\"reason\":\"It leaks.\"}" : ""));
                assertEquals(2, send(tagRequest, writer).statusCode() / 100);
                assertEquals(2, send(yankRequest, writer).statusCode() / 100);
                long changeTime = System.nanoTime();
                for (var server : replicas.all()) {
                    awaitChange(
                            tag,
                            MAX_DELAY,
                            changeTime,
                            () -> get(server, PACKUMENT).body().contains(tag));
                    long millis = awaitChange(
                            yank ? "six is yanked" : "six is not yanked",
                            MAX_DELAY,
                            changeTime,
                            () -> get(server, PROJECT).body().contains("data-yanked=") == yank);
                    slowestMillis = Math.max(slowestMillis, millis);
                }
                var bodies = replicas.all().stream()
                        .map(server -> getBody(server, PACKUMENT) + getBody(server, PROJECT))
                        .distinct()
                        .toList();
                assertEquals(1, bodies.size(), bodies::toString);
            }
            assertFalse(readers.stopped.get());
        }
        System.out.printf(delayReport("a change in a registry", slowestMillis));
    }

    @Test
    void searchFindsThePackageOnAllServers() throws Exception {
        long slowestMillis = 0;
        for (int i = 0; i < 9; i++) {
            var name = "lantern" + i;
            new NixPushClient(replicas.at(i % replicas.count()), "main")
                    .publish(SmallNar.of(Map.of("lit", "yes")), SmallNar.path(name + "-1.0"));
            long changeTime = System.nanoTime();
            for (var server : replicas.all()) {
                slowestMillis = Math.max(
                        slowestMillis,
                        awaitChange(
                                name + " is found",
                                MAX_SEARCH_DELAY,
                                changeTime,
                                () -> get(server, "/api/search?q=" + name)
                                        .body()
                                        .contains("/main/nix/" + name)));
            }
        }
        System.out.printf(delayReport("a package in search", slowestMillis));
    }

    /** Nightly jobs run once for any number of servers. */
    @Test
    void nightlyJobRunsOnce() throws Exception {
        for (int nights = 1; nights <= 4; nights++) {
            try (var database = replicas.rows()) {
                database.change("update scheduled_tasks set execution_time = now() where task_name = 'snapshots'");
                Poll.until(
                        "the nightly job has ended",
                        () -> database.number("select count(*) from scheduled_tasks where task_name = 'snapshot'"
                                        + " or (task_name = 'snapshots' and (picked or execution_time <= now()))")
                                == 0);
            }
            assertEquals(nights, countSnapshots());
        }
    }

    private static int countSnapshots() throws Exception {
        int count = 0;
        for (var server : replicas.all()) {
            count += (int) server.log()
                    .lines()
                    .filter(line -> line.matches(".* snapshot \\S+: \\d+ rows in \\d+ bytes"))
                    .count();
        }
        return count;
    }

    /** Each package has one release, one artifact and one entry in the change log. */
    @Test
    void pushedPathIsRecognizedOnce() throws Exception {
        for (int i = 0; i < 30; i++) {
            new NixPushClient(replicas.at(i % replicas.count()), "main")
                    .publish(SmallNar.of(Map.of("number", "" + i)), SmallNar.path("once" + i + "-1.0"));
        }
        try (var database = replicas.rows()) {
            Poll.until(
                    "all paths are recognized",
                    () -> database.number("select count(*) from package where name like 'once%'") == 30
                            && database.number(
                                            "select count(*) from scheduled_tasks where task_name in ('recognise', 'again')")
                                    == 0);
            assertEquals("1 1 1", database.text("""
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
        var halfSent = new CountDownLatch(1);
        var resume = new CountDownLatch(1);
        var push = startHalfPush(replicas.at(0), nar, halfSent, resume);
        halfSent.await();
        var requests = new AtomicInteger();
        var failures = new ConcurrentLinkedQueue<Integer>();
        var stopped = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var reader = threads.submit(() -> {
                while (!stopped.get()) {
                    int status = get(replicas.front(), "/main/nix-cache-info").statusCode();
                    requests.incrementAndGet();
                    if (status != 200) {
                        failures.add(status);
                    }
                }
                return true;
            });
            for (int i = 1; i < replicas.count(); i++) {
                replicas.again(i);
            }
            // this server waits for the upload and accepts nothing else
            replicas.at(0).askToEnd();
            int before = requests.get();
            Poll.until("the other servers serve 300 more requests", () -> requests.get() > before + 300);
            assertTrue(replicas.at(0).alive());
            resume.countDown();
            assertEquals(201, push.get().statusCode(), push.get().body());
            replicas.at(0).ended();
            replicas.again(0);
            stopped.set(true);
            reader.get();
        }
        assertEquals(List.of(), List.copyOf(failures), "failures of " + requests + " reads through nginx");
    }

    private static CompletableFuture<HttpResponse<String>> startHalfPush(
            Server server, SeededNar nar, CountDownLatch halfSent, CountDownLatch resume) throws Exception {
        var getBody = BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> nar.halting(halfSent, resume)), nar.narSize());
        return server.http.sendAsync(
                server.authorized("/main/nar/made-" + nar.seed() + ".nar")
                        .PUT(getBody)
                        .build(),
                BodyHandlers.ofString());
    }
}
