package dev.narthex.client.replicas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ReplicaFixture;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SmallNar;
import dev.narthex.client.support.TrafficGenerator;
import dev.narthex.store.s3.FaultyWay;
import dev.narthex.store.s3.S3Proxy;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients push and read through several servers, while servers are killed, the database is cut off, and S3 fails. */
@Tag("long")
class ReplicasLoadIT {
    private static final int SERVERS = 3;
    private static final Duration LOAD = Duration.ofSeconds(Long.getLong("narthex.replicas.seconds", 600));
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(60);
    private static final Duration JOBS = Duration.ofMinutes(6);
    private static final Duration AGAIN = Duration.ofSeconds(30);
    private static final long SEED = 20_261_129;

    private static final List<String> ADDRESSES = List.of(
            "/",
            "/main",
            "/api/main",
            "/search?q=lamp",
            "/main/nix/lamp",
            "/registry/main/npm/ms",
            "/registry/main/pypi/simple/",
            "/registry/main/pypi/simple/six/",
            "/main/nix-cache-info");

    @Test
    void killedServersLoseNothing() throws Exception {
        try (var replicas = ReplicaFixture.start(SERVERS, S3Proxy.running().endpoint())) {
            fill(replicas);
            try (var traffic = new TrafficGenerator(replicas.front(), Set.of(502, 503, 504), ADDRESSES)) {
                traffic.begin(3, 4);
                int kills = 0;
                long end = System.nanoTime() + LOAD.toNanos();
                while (System.nanoTime() < end) {
                    long next = Math.min(end, System.nanoTime() + BETWEEN_KILLS.toNanos());
                    int killed = kills % SERVERS;
                    replicas.at(killed).kill();
                    kills++;
                    replicas.again(killed);
                    TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
                }
                traffic.end();
                told(replicas, traffic, kills + " kills");
                assertTrue(traffic.putOffs() > 0, "no kill hit anybody");
            }
        }
    }

    @Test
    void serversReconnectToTheDatabaseWithoutLoss() throws Exception {
        try (var replicas = ReplicaFixture.start(SERVERS, S3Proxy.running().endpoint())) {
            fill(replicas);
            try (var traffic = new TrafficGenerator(replicas.front(), Set.of(503), ADDRESSES)) {
                traffic.begin(2, 4);
                for (int seconds : List.of(0, 6, 0, 2)) {
                    long before = traffic.pushes();
                    Poll.until("some are pushed", () -> traffic.pushes() > before + 5);
                    replicas.postgres().cutOff();
                    TimeUnit.SECONDS.sleep(seconds);
                    replicas.postgres().comeBack();
                    long back = System.nanoTime();
                    everythingAnswers(replicas);
                    System.out.printf(
                            "replicas: everything answers %d ms after the database%n",
                            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back));
                }
                traffic.end();
                told(replicas, traffic, "4 cuts of the database");
                assertTrue(traffic.putOffs() > 0, "no cut hit anybody");
            }
        }
    }

    private static void everythingAnswers(ReplicaFixture replicas) throws Exception {
        long end = System.nanoTime() + AGAIN.toNanos();
        for (var server : replicas.all()) {
            var addresses = new ArrayList<>(ADDRESSES);
            addresses.add("/_api/v1/tokens");
            for (var address : addresses) {
                int status = 0;
                while (status != 200) {
                    assertTrue(System.nanoTime() < end, address + " answers " + status);
                    status = server.http
                            .send(server.authorized(address).build(), BodyHandlers.discarding())
                            .statusCode();
                }
            }
            var ready = server.http.send(server.management("/q/health/ready").build(), BodyHandlers.ofString());
            assertEquals(200, ready.statusCode(), ready.body());
        }
    }

    @Test
    void failingBucketRequestsAreRetried() throws Exception {
        try (var way = new FaultyWay(S3Proxy.running().endpoint(), SEED);
                var replicas = ReplicaFixture.start(SERVERS, way.address());
                var traffic = new TrafficGenerator(replicas.front(), Set.of(503), ADDRESSES)) {
            fill(replicas);
            traffic.begin(3, 4);
            TimeUnit.SECONDS.sleep(120);
            traffic.end();
            assertTrue(way.faults() > 50, way.faults() + " faults in " + way.requests() + " requests");
            way.mend();
            told(replicas, traffic, way.faults() + " faults of S3");
        }
    }

    /** Pages that readers request, besides pushed packages. */
    private static void fill(ReplicaFixture replicas) throws Exception {
        var lamp = SmallNar.path("lamp-1.0");
        new NixPushClient(replicas.front(), "main").publish(SmallNar.of(Map.of("lit", "yes")), lamp);
        ReplicasIT.push(replicas.front(), "main", ReplicasIT.TARBALL, ReplicasIT.WHEEL);
        everythingAnswers(replicas);
    }

    private static void told(ReplicaFixture replicas, TrafficGenerator traffic, String happened) throws Exception {
        jobsAreDone(replicas);
        var lost = new ArrayList<String>();
        for (var server : replicas.all()) {
            lost.addAll(traffic.lost(server));
        }
        System.out.printf(
                "replicas: %d pushes, %d reads, %s, %d lost, %d wrong, %d put off%n",
                traffic.pushes(), traffic.reads(), happened, lost.size(), traffic.wrongs(), traffic.putOffs());
        assertEquals(List.of(), lost);
        assertEquals(List.of(), traffic.wrong());
        assertTrue(traffic.pushes() > 20 && traffic.reads() > 200, "hardly anything was done");
    }

    /** Those of killed servers too; failed jobs are retried with growing delays. */
    private static void jobsAreDone(ReplicaFixture replicas) throws Exception {
        try (var rows = replicas.rows()) {
            long end = System.nanoTime() + JOBS.toNanos();
            while (rows.number("select count(*) from scheduled_tasks where task_instance <> 'recurring'") > 0) {
                assertTrue(System.nanoTime() < end, () -> "jobs wait: " + waiting(rows));
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    private static String waiting(ServerDatabase rows) {
        try {
            return rows.text("select string_agg(concat_ws(' ', task_name, task_instance, picked, execution_time,"
                    + " consecutive_failures), '; ') from scheduled_tasks where task_instance <> 'recurring'");
        } catch (SQLException e) {
            return e.toString();
        }
    }
}
