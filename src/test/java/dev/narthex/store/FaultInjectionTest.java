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
import dev.narthex.store.support.StoreFixture.Elsewhere;
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
 * Pushes, collections, copies and checks fail at any of their calls to the database and to the backends, or end there with
 * their process, while others push, read and collect. Acknowledged NARs can be read at any time; in the end one
 * collection leaves no object without its row and no row without its object. A point has a number, which is its seed; with
 * {@code -Dnarthex.faults.points} and {@code -Dnarthex.faults.from} there are others, see {@code deploy/test --help}.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class FaultInjectionTest {
    private static final int POINTS = 300;
    private static final int MAX_KEPT = 30;
    private static final int TRIES = 200;
    private static final int FIRST_NUMBER = 10;
    private static final String OTHER = "other";
    private static final long SMALL_PACKS = 1 << 20;
    /** So short that a writer renews it at every frame; what is late by less than some minutes counts as in time. */
    private static final Duration SHORT_LEASE = Duration.ofMillis(30);

    /** References to packs that are on their way out, or of NARs that were given up. */
    private static final String WRONG = """
            SELECT count(*) FROM nar n JOIN pack_ref r ON r.nar_id = n.id JOIN pack p ON p.id = r.pack_id
            WHERE n.domain_id = %d AND (n.state <> 'L' OR p.state <> 'L')""";

    @TempDir
    Path scratch;

    @Inject
    StoreFixture tables;

    private final Map<Act, Integer> usualCalls = new EnumMap<>(Act.class);
    private final Semaphore pushes = new Semaphore(0);
    private final Semaphore sweeps = new Semaphore(0);
    private volatile boolean ended;
    private Backend directory;
    private Backend other;
    private long domain;
    private AcknowledgedPushes acknowledged;
    private Elsewhere whole;
    private int refusedPushes;

    private enum Act {
        PUSH,
        COLLECT,
        REPACK,
        MOVE,
        SCRUB
    }

    @BeforeEach
    void anEmptyStore() throws IOException {
        domain = tables.newDomain();
        directory = new DirectoryBackend(scratch.resolve("store"));
        acknowledged = new AcknowledgedPushes(tables, domain);
    }

    /** The rows name backends that are there for this test alone. */
    @AfterEach
    void leaveNothing() {
        tables.run("DELETE FROM cache WHERE domain_id = " + domain);
        tables.run("DELETE FROM nar WHERE domain_id = " + domain);
        tables.run("DELETE FROM pack WHERE domain_id = " + domain);
    }

    private Elsewhere store(String target, StoreConfig settings, InjectedFault fault) {
        return tables.over(tables.backends(target, backends(fault)), settings, fault);
    }

    private Backend[] backends(InjectedFault fault) {
        return new Backend[] {
            new FaultyBackend(directory, FIRST_NUMBER, "directory", fault),
            new FaultyBackend(other, FIRST_NUMBER + 1, OTHER, fault)
        };
    }

    @Test
    void someFaultsLoseNothing() throws Exception {
        other = new DirectoryBackend(scratch.resolve("other"));
        run(1, Act.values().length);
    }

    @Test
    @Tag("long")
    void faultsAtManyPointsLoseNothing() throws Exception {
        other = S3Proxy.running().backend(S3Proxy.running().newBucket(), scratch.resolve("spool"));
        run(Integer.getInteger("narthex.faults.from", 1), Integer.getInteger("narthex.faults.points", POINTS));
    }

    private void run(int from, int points) throws Exception {
        whole = store("directory", tables.settings(), InjectedFault.never());
        try (var beside = Executors.newVirtualThreadPerTaskExecutor()) {
            var others = others(beside, from);
            try {
                for (int point = from; point < from + points; point++) {
                    pushes.release();
                    sweeps.release();
                    meet(point);
                    acknowledged.readAll(whole);
                    assertEquals(List.of(), acknowledged.lost(), "lost at point " + point);
                    assertEquals(0, tables.number(WRONG.formatted(domain)), "rows that do not fit at point " + point);
                }
            } finally {
                ended = true;
                pushes.release();
                sweeps.release();
            }
            for (var one : others) {
                assertTrue(one.get(1, TimeUnit.MINUTES) > 0);
            }
        }
        long shared = tables.number("""
                SELECT count(*) FROM nar n WHERE n.domain_id = %d AND EXISTS (
                  SELECT 1 FROM pack_ref r JOIN pack_ref o ON o.pack_id = r.pack_id AND o.nar_id <> r.nar_id WHERE r.nar_id = n.id)""".formatted(domain));
        var left = collected();
        acknowledged.readAll(whole);
        acknowledged.dropAll();
        left.addAll(collected());
        System.out.printf(
                "faults: %d points, %d pushes, %d NARs at the end with something in common, %d faults seen by pushers, %d lost, %d orphans%n",
                points,
                acknowledged.pushes(),
                shared,
                refusedPushes,
                acknowledged.lost().size(),
                left.size());
        assertEquals(List.of(), acknowledged.lost());
        assertEquals(List.of(), left);
        assertEquals(0, tables.number("SELECT count(*) FROM pack WHERE domain_id = " + domain));
        assertEquals(0, tables.number("SELECT count(*) FROM nar WHERE domain_id = " + domain));
    }

    /** Those to whom nothing happens: a reader all the time, a pusher and a collector once at each point. */
    private List<Future<Integer>> others(ExecutorService beside, int seed) {
        var reading = new Random(seed);
        var pushing = new Random(seed + 1L);
        var dropping = new Random(seed + 2L);
        return List.of(
                beside.submit(() -> untilEnd(() -> {
                    acknowledged.read(whole, reading);
                    return true;
                })),
                beside.submit(() -> untilEnd(() -> {
                    pushes.acquire();
                    push(store(target(pushing), settings(pushing), InjectedFault.never()), pushing);
                    return true;
                })),
                beside.submit(() -> untilEnd(() -> {
                    sweeps.acquire();
                    acknowledged.dropTo(MAX_KEPT, dropping);
                    whole.sweep().run();
                    return true;
                })));
    }

    private int untilEnd(Callable<Boolean> act) throws Exception {
        int times = 0;
        while (!ended) {
            act.call();
            times++;
        }
        return times;
    }

    /** A push of a NAR that is being deleted is told to retry. */
    private void push(Elsewhere store, Random random) throws IOException {
        try {
            acknowledged.push(store, random);
        } catch (ProblemException e) {
            assertTrue(e.problem() instanceof Problem.Unavailable, e::toString);
        }
    }

    private static String target(Random random) {
        return random.nextBoolean() ? "directory" : OTHER;
    }

    private StoreConfig settings(Random random) {
        var usual = tables.settings();
        var packs = random.nextInt(3) == 0 ? usual.withPackSize(SMALL_PACKS) : usual;
        return random.nextInt(3) == 0 ? packs.with(SHORT_LEASE, usual.grace()) : packs;
    }

    /** Does something until a fault falls into it; then it is done once more, or left as it is. */
    private void meet(int point) throws Exception {
        var random = new Random(point);
        var act = Act.values()[point % Act.values().length];
        for (int attempt = 0; attempt < TRIES; attempt++) {
            var target = target(random);
            int at = 1 + random.nextInt(usualCalls.getOrDefault(act, 20));
            var fault = new InjectedFault(at, Moment.values()[random.nextInt(3)], random.nextBoolean());
            prepare(act, target, random);
            boolean failed = fails(act, store(target, settings(random), fault), fault, random);
            if (fault.fallen()) {
                refusedPushes += failed && act == Act.PUSH ? 1 : 0;
                if (random.nextBoolean()) {
                    act(act, store(target, settings(random), InjectedFault.never()), random);
                }
                return;
            }
            usualCalls.put(act, fault.calls());
        }
        throw new AssertionError("no fault fell into " + act);
    }

    /** Returns whether it came to nothing. A failure without an injected fault is a bug of the store. */
    private boolean fails(Act act, Elsewhere store, InjectedFault fault, Random random) throws Exception {
        try {
            act(act, store, random);
            return false;
        } catch (IOException | RuntimeException e) {
            if (!fault.fallen()) {
                throw e;
            }
            return true;
        }
    }

    private void prepare(Act act, String target, Random random) throws IOException {
        switch (act) {
            case PUSH -> {}
            case COLLECT -> {
                acknowledged.dropTo(MAX_KEPT - 4, random);
                acknowledged.age();
            }
            case REPACK -> acknowledged.share(store(target(random), tables.settings(), InjectedFault.never()), random);
            case MOVE -> {
                var from = target.equals(OTHER) ? "directory" : OTHER;
                push(store(from, tables.settings(), InjectedFault.never()), random);
            }
            case SCRUB ->
                tables.run("UPDATE pack SET verified_at = '-infinity', check_after = NULL WHERE id IN ("
                        + "SELECT id FROM pack WHERE state = 'L' AND domain_id = " + domain
                        + " ORDER BY verified_at LIMIT 5)");
        }
    }

    private void act(Act act, Elsewhere store, Random random) throws IOException {
        switch (act) {
            case PUSH -> push(store, random);
            case COLLECT -> {
                store.sweep().run();
                store.sweep().condemnPacksByScan();
            }
            case REPACK -> store.repack().run();
            case MOVE -> {
                for (var pack : standing(store)) {
                    store.moving().move(pack);
                }
            }
            case SCRUB -> store.scrub().run();
        }
    }

    /** A few of this test's own: the database has packs of others too, whose files lie elsewhere. */
    private List<PendingPack> standing(Elsewhere store) {
        var own = new ArrayList<PendingPack>();
        for (var next = store.moving().listPending(0, 100); !next.isEmpty() && own.size() < 3; ) {
            next.stream().filter(pack -> pack.domainId() == domain).forEach(own::add);
            next = store.moving().listPending(next.getLast().id(), 100);
        }
        return own.stream().limit(3).toList();
    }

    /** What one collection leaves in the backends without a live row, or as a row without an object, when all time has passed. */
    private List<String> collected() throws IOException {
        var now = store("directory", tables.settings().with(Duration.ZERO, Duration.ZERO), InjectedFault.never());
        acknowledged.age();
        now.sweep().run();
        // the sweep of the application may have claimed one of them, and put it off, at this very moment
        for (int i = 0; i < 3 && tables.packStates(domain).contains("C"); i++) {
            acknowledged.age();
            now.sweep().deletePacks();
        }
        return tables.orphans(List.of(backends(InjectedFault.never())));
    }
}
