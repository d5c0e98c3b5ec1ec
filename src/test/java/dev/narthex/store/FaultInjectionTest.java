package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.directory.DirectoryBackend;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.StoreConfig;
import dev.narthex.store.s3.S3Proxy;
import dev.narthex.store.support.AcknowledgedPushes;
import dev.narthex.store.support.FaultyBackend;
import dev.narthex.store.support.InjectedFault;
import dev.narthex.store.support.InjectedFault.Moment;
import dev.narthex.store.support.StoreFixture;
import dev.narthex.store.support.StoreFixture.SeparateStore;
import dev.narthex.store.upkeep.PackMover.PendingPack;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pushes, collections, copies and verifications fail at any of their calls to the database and the backends, or are killed
 * there, while others push, read and collect. Acknowledged NARs are readable at any time; in the end one collection leaves no
 * object without a row and no row without an object. Each point has a number, which is its seed; {@code
 * -Dnarthex.faults.points} and {@code -Dnarthex.faults.from} choose others, see {@code deploy/test --help}.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class FaultInjectionTest {
    private static final int DEFAULT_POINTS = 300;
    private static final int MAX_ACKNOWLEDGED = 30;
    private static final int MAX_ATTEMPTS = 200;
    private static final int FIRST_BACKEND_NUMBER = 10;
    private static final String OTHER_BACKEND = "other";
    private static final long SMALL_PACK_BYTES = 1 << 20;
    /** So short that a writer renews it at every frame. The sweeper tolerates leases that expired less than 5 minutes ago. */
    private static final Duration SHORT_LEASE = Duration.ofMillis(30);

    /** Counts references to packs that are being deleted, and references of abandoned NARs. */
    private static final String INVALID_REFERENCES = """
            SELECT count(*) FROM nar n JOIN pack_ref r ON r.nar_id = n.id JOIN pack p ON p.id = r.pack_id
            WHERE n.domain_id = %d AND (n.state <> 'L' OR p.state <> 'L')""";

    @TempDir
    Path scratch;

    @Inject
    StoreFixture tables;

    private final Map<Operation, Integer> usualCalls = new EnumMap<>(Operation.class);
    private final Semaphore pushes = new Semaphore(0);
    private final Semaphore sweeps = new Semaphore(0);
    private volatile boolean stopped;
    private Backend directory;
    private Backend other;
    private long domain;
    private AcknowledgedPushes acknowledged;
    private SeparateStore faultFreeStore;
    private int failedPushes;

    private enum Operation {
        PUSH,
        COLLECT,
        REPACK,
        MOVE,
        SCRUB
    }

    @BeforeEach
    void createEmptyStore() throws IOException {
        domain = tables.newDomain();
        directory = new DirectoryBackend(scratch.resolve("store"));
        acknowledged = new AcknowledgedPushes(tables, domain);
    }

    /** Deletes rows that refer to backends of this test. */
    @AfterEach
    void deleteRows() {
        tables.run("DELETE FROM cache WHERE domain_id = " + domain);
        tables.run("DELETE FROM nar WHERE domain_id = " + domain);
        tables.run("DELETE FROM pack WHERE domain_id = " + domain);
    }

    private SeparateStore newStore(String target, StoreConfig settings, InjectedFault fault) {
        return tables.newStore(tables.backends(target, newBackends(fault)), settings, fault);
    }

    private Backend[] newBackends(InjectedFault fault) {
        return new Backend[] {
            new FaultyBackend(directory, FIRST_BACKEND_NUMBER, "directory", fault),
            new FaultyBackend(other, FIRST_BACKEND_NUMBER + 1, OTHER_BACKEND, fault)
        };
    }

    @Test
    void someFaultsLoseNothing() throws Exception {
        other = new DirectoryBackend(scratch.resolve("other"));
        runPoints(1, Operation.values().length);
    }

    @Test
    @Tag("long")
    void faultsAtManyPointsLoseNothing() throws Exception {
        other = S3Proxy.running().backend(S3Proxy.running().newBucket(), scratch.resolve("spool"));
        runPoints(
                Integer.getInteger("narthex.faults.from", 1),
                Integer.getInteger("narthex.faults.points", DEFAULT_POINTS));
    }

    private void runPoints(int from, int points) throws Exception {
        faultFreeStore = newStore("directory", tables.settings(), InjectedFault.never());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var clients = startClients(threads, from);
            try {
                for (int point = from; point < from + points; point++) {
                    pushes.release();
                    sweeps.release();
                    injectFault(point);
                    acknowledged.readAll(faultFreeStore);
                    assertEquals(List.of(), acknowledged.lost(), "lost at point " + point);
                    assertEquals(
                            0,
                            tables.queryNumber(INVALID_REFERENCES.formatted(domain)),
                            "invalid references at point " + point);
                }
            } finally {
                stopped = true;
                pushes.release();
                sweeps.release();
            }
            for (var client : clients) {
                assertTrue(client.get(1, TimeUnit.MINUTES) > 0);
            }
        }
        long narsWithSharedPacks = tables.queryNumber("""
                SELECT count(*) FROM nar n WHERE n.domain_id = %d AND EXISTS (
                  SELECT 1 FROM pack_ref r JOIN pack_ref o ON o.pack_id = r.pack_id AND o.nar_id <> r.nar_id WHERE r.nar_id = n.id)""".formatted(domain));
        var orphans = orphansAfterCollection();
        acknowledged.readAll(faultFreeStore);
        acknowledged.deleteAll();
        orphans.addAll(orphansAfterCollection());
        System.out.printf(
                "faults: %d points, %d pushes, %d NARs with shared packs at the end, %d failed pushes, %d lost, %d orphans%n",
                points,
                acknowledged.pushes(),
                narsWithSharedPacks,
                failedPushes,
                acknowledged.lost().size(),
                orphans.size());
        assertEquals(List.of(), acknowledged.lost());
        assertEquals(List.of(), orphans);
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM pack WHERE domain_id = " + domain));
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM nar WHERE domain_id = " + domain));
    }

    /** Starts clients without faults: a permanent reader, and a pusher and a collector once per point. */
    private List<Future<Integer>> startClients(ExecutorService threads, int seed) {
        var readerRandom = new Random(seed);
        var pusherRandom = new Random(seed + 1L);
        var collectorRandom = new Random(seed + 2L);
        return List.of(
                threads.submit(() -> repeatUntilStopped(() -> {
                    acknowledged.read(faultFreeStore, readerRandom);
                    return true;
                })),
                threads.submit(() -> repeatUntilStopped(() -> {
                    pushes.acquire();
                    push(
                            newStore(chooseTarget(pusherRandom), chooseSettings(pusherRandom), InjectedFault.never()),
                            pusherRandom);
                    return true;
                })),
                threads.submit(() -> repeatUntilStopped(() -> {
                    sweeps.acquire();
                    acknowledged.deleteDownTo(MAX_ACKNOWLEDGED, collectorRandom);
                    faultFreeStore.sweeper().run();
                    return true;
                })));
    }

    private int repeatUntilStopped(Callable<Boolean> operation) throws Exception {
        int runs = 0;
        while (!stopped) {
            operation.call();
            runs++;
        }
        return runs;
    }

    /** Pushes a NAR. A push of a NAR that is being deleted is refused and must be repeated. */
    private void push(SeparateStore store, Random random) throws IOException {
        try {
            acknowledged.push(store, random);
        } catch (ProblemException e) {
            assertTrue(e.problem() instanceof Problem.Unavailable, e::toString);
        }
    }

    private static String chooseTarget(Random random) {
        return random.nextBoolean() ? "directory" : OTHER_BACKEND;
    }

    private StoreConfig chooseSettings(Random random) {
        var defaults = tables.settings();
        var packSettings = random.nextInt(3) == 0 ? defaults.withPackSize(SMALL_PACK_BYTES) : defaults;
        return random.nextInt(3) == 0 ? packSettings.withTimes(SHORT_LEASE, defaults.grace()) : packSettings;
    }

    /** Runs an operation with a fault, and either repeats it afterwards or leaves it as it is. */
    private void injectFault(int point) throws Exception {
        var random = new Random(point);
        var operation = Operation.values()[point % Operation.values().length];
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            var target = chooseTarget(random);
            int callNumber = 1 + random.nextInt(usualCalls.getOrDefault(operation, 20));
            var fault = new InjectedFault(callNumber, Moment.values()[random.nextInt(3)], random.nextBoolean());
            prepare(operation, target, random);
            boolean failed = failsWithFault(operation, newStore(target, chooseSettings(random), fault), fault, random);
            if (fault.hasOccurred()) {
                failedPushes += failed && operation == Operation.PUSH ? 1 : 0;
                if (random.nextBoolean()) {
                    perform(operation, newStore(target, chooseSettings(random), InjectedFault.never()), random);
                }
                return;
            }
            usualCalls.put(operation, fault.calls());
        }
        throw new AssertionError("no fault occurred during " + operation);
    }

    /** Returns whether the operation failed. A failure without an injected fault is a bug of the store. */
    private boolean failsWithFault(Operation operation, SeparateStore store, InjectedFault fault, Random random)
            throws Exception {
        try {
            perform(operation, store, random);
            return false;
        } catch (IOException | RuntimeException e) {
            if (!fault.hasOccurred()) {
                throw e;
            }
            return true;
        }
    }

    private void prepare(Operation operation, String target, Random random) throws IOException {
        switch (operation) {
            case PUSH -> {}
            case COLLECT -> {
                acknowledged.deleteDownTo(MAX_ACKNOWLEDGED - 4, random);
                acknowledged.expirePeriods();
            }
            case REPACK ->
                acknowledged.createSharedPack(
                        newStore(chooseTarget(random), tables.settings(), InjectedFault.never()), random);
            case MOVE -> {
                var from = target.equals(OTHER_BACKEND) ? "directory" : OTHER_BACKEND;
                push(newStore(from, tables.settings(), InjectedFault.never()), random);
            }
            case SCRUB ->
                tables.run("UPDATE pack SET verified_at = '-infinity', check_after = NULL WHERE id IN ("
                        + "SELECT id FROM pack WHERE state = 'L' AND domain_id = " + domain
                        + " ORDER BY verified_at LIMIT 5)");
        }
    }

    private void perform(Operation operation, SeparateStore store, Random random) throws IOException {
        switch (operation) {
            case PUSH -> push(store, random);
            case COLLECT -> {
                store.sweeper().run();
                store.sweeper().condemnPacksByScan();
            }
            case REPACK -> store.repacker().run();
            case MOVE -> {
                for (var pack : listPendingPacks(store)) {
                    store.mover().move(pack);
                }
            }
            case SCRUB -> store.scrubber().run();
        }
    }

    /** Lists at most 3 packs, only in this test's backends, because the database has packs in other backends. */
    private List<PendingPack> listPendingPacks(SeparateStore store) {
        var pending = new ArrayList<PendingPack>();
        for (var page = store.mover().listPending(0, 100); !page.isEmpty() && pending.size() < 3; ) {
            page.stream().filter(pack -> pack.domainId() == domain).forEach(pending::add);
            page = store.mover().listPending(page.getLast().id(), 100);
        }
        return pending.stream().limit(3).toList();
    }

    /**
     * Returns objects without a live row, and rows without an object, that one collection leaves after all periods have passed.
     */
    private List<String> orphansAfterCollection() throws IOException {
        var storeWithoutPeriods =
                newStore("directory", tables.settings().withTimes(Duration.ZERO, Duration.ZERO), InjectedFault.never());
        acknowledged.expirePeriods();
        storeWithoutPeriods.sweeper().run();
        // the application's sweeper may have claimed one of them at this moment
        for (int i = 0; i < 3 && tables.packStates(domain).contains("C"); i++) {
            acknowledged.expirePeriods();
            storeWithoutPeriods.sweeper().deletePacks();
        }
        return tables.findOrphans(List.of(newBackends(InjectedFault.never())));
    }
}
