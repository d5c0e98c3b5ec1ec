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
    private static final Duration LOAD_DURATION = Duration.ofSeconds(Long.getLong("narthex.replicas.seconds", 600));
    private static final Duration KILL_INTERVAL = Duration.ofSeconds(60);
    private static final Duration JOBS_TIMEOUT = Duration.ofMinutes(6);
    private static final Duration RECOVERY_TIMEOUT = Duration.ofSeconds(30);
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
            publishReadPackages(replicas);
            try (var traffic = new TrafficGenerator(replicas.front(), Set.of(502, 503, 504), ADDRESSES)) {
                traffic.begin(3, 4);
                int kills = 0;
                long end = System.nanoTime() + LOAD_DURATION.toNanos();
                while (System.nanoTime() < end) {
                    long nextKill = Math.min(end, System.nanoTime() + KILL_INTERVAL.toNanos());
                    int killed = kills % SERVERS;
                    replicas.at(killed).kill();
                    kills++;
                    replicas.again(killed);
                    TimeUnit.NANOSECONDS.sleep(nextKill - System.nanoTime());
                }
                traffic.end();
                checkAndReport(replicas, traffic, kills + " kills");
                assertTrue(traffic.putOffs() > 0, "no kill interrupted a request");
            }
        }
    }

    @Test
    void serversReconnectToTheDatabaseWithoutLoss() throws Exception {
        try (var replicas = ReplicaFixture.start(SERVERS, S3Proxy.running().endpoint())) {
            publishReadPackages(replicas);
            try (var traffic = new TrafficGenerator(replicas.front(), Set.of(503), ADDRESSES)) {
                traffic.begin(2, 4);
                for (int seconds : List.of(0, 6, 0, 2)) {
                    long before = traffic.pushes();
                    Poll.until("5 more pushes are done", () -> traffic.pushes() > before + 5);
                    replicas.postgres().cutOff();
                    TimeUnit.SECONDS.sleep(seconds);
                    replicas.postgres().comeBack();
                    long reconnectTime = System.nanoTime();
                    awaitResponses(replicas);
                    System.out.printf(
                            "replicas: all addresses work %d ms after the database is back%n",
                            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - reconnectTime));
                }
                traffic.end();
                checkAndReport(replicas, traffic, "4 cuts of the database");
                assertTrue(traffic.putOffs() > 0, "no cut interrupted a request");
            }
        }
    }

    private static void awaitResponses(ReplicaFixture replicas) throws Exception {
        long end = System.nanoTime() + RECOVERY_TIMEOUT.toNanos();
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
        try (var faultyProxy = new FaultyWay(S3Proxy.running().endpoint(), SEED);
                var replicas = ReplicaFixture.start(SERVERS, faultyProxy.address());
                var traffic = new TrafficGenerator(replicas.front(), Set.of(503), ADDRESSES)) {
            publishReadPackages(replicas);
            traffic.begin(3, 4);
            TimeUnit.SECONDS.sleep(120);
            traffic.end();
            assertTrue(
                    faultyProxy.faults() > 50,
                    faultyProxy.faults() + " faults in " + faultyProxy.requests() + " requests");
            faultyProxy.stopFaults();
            checkAndReport(replicas, traffic, faultyProxy.faults() + " faults of S3");
        }
    }

    /** Publishes the packages whose pages readers request. */
    private static void publishReadPackages(ReplicaFixture replicas) throws Exception {
        var lamp = SmallNar.path("lamp-1.0");
        new NixPushClient(replicas.front(), "main").publish(SmallNar.of(Map.of("lit", "yes")), lamp);
        ReplicasSetup.push(replicas.front(), "main", ReplicasSetup.TARBALL, ReplicasSetup.WHEEL);
        awaitResponses(replicas);
    }

    private static void checkAndReport(ReplicaFixture replicas, TrafficGenerator traffic, String events)
            throws Exception {
        awaitJobs(replicas);
        var lost = new ArrayList<String>();
        for (var server : replicas.all()) {
            lost.addAll(traffic.lost(server));
        }
        System.out.printf(
                "replicas: %d pushes, %d reads, %s, %d lost, %d wrong, %d put off%n",
                traffic.pushes(), traffic.reads(), events, lost.size(), traffic.wrongs(), traffic.putOffs());
        assertEquals(List.of(), lost);
        assertEquals(List.of(), traffic.wrong());
        assertTrue(traffic.pushes() > 20 && traffic.reads() > 200, "too few pushes and reads");
    }

    /** Waits for all jobs, including those of killed servers; failed jobs are retried with growing delays. */
    private static void awaitJobs(ReplicaFixture replicas) throws Exception {
        try (var database = replicas.rows()) {
            long end = System.nanoTime() + JOBS_TIMEOUT.toNanos();
            while (database.number("select count(*) from scheduled_tasks where task_instance <> 'recurring'") > 0) {
                assertTrue(System.nanoTime() < end, () -> "waiting jobs: " + describeWaitingJobs(database));
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    private static String describeWaitingJobs(ServerDatabase database) {
        try {
            return database.text("select string_agg(concat_ws(' ', task_name, task_instance, picked, execution_time,"
                    + " consecutive_failures), '; ') from scheduled_tasks where task_instance <> 'recurring'");
        } catch (SQLException e) {
            return e.toString();
        }
    }
}
