package dev.narthex.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.support.ParallelRunner;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pushes, queries and collections that run at the same time lose nothing. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CollectionRaceTest extends GarbageCollectionSetup {

    /** On two cores the common pool has one thread, and each of these waits. */
    private static final Executor THREADS = task -> Thread.ofPlatform().start(task);

    @Test
    void pathOfARunningPushIsKept() {
        var lib = tables.push(cache, "lib");
        old(lib);
        QuarkusTransaction.begin();
        assertEquals(List.of(), paths.missingFrom(cache.id(), List.of(lib.path().baseName())));
        elsewhere(this::collect);
        paths.add(cache.id(), tables.newPath(cache, "app", 1, List.of(lib.path().baseName())));
        QuarkusTransaction.commit();
        collect();
        assertEquals(Set.of("app", "lib"), here());
    }

    @Test
    void pathQueriedDuringCollectionIsKept() {
        var lib = tables.push(cache, "lib");
        old(lib);
        QuarkusTransaction.begin();
        paths.markAccessed(cache.id(), List.of(lib.path().hash()));
        elsewhere(this::collect);
        QuarkusTransaction.commit();
        collect();
        assertEquals(Set.of("lib"), here());
    }

    @Test
    void laterRequestFindsThePathDeleted() {
        var lib = tables.push(cache, "lib");
        old(lib);
        var base = lib.path().baseName();
        var hash = lib.path().hash();
        QuarkusTransaction.begin();
        assertEquals(
                Set.of(lib.id()),
                dead.remove(cache.id(), MONTH, List.of(lib.id())).ids());
        var push = later(() -> paths.missingFrom(cache.id(), List.of(base)));
        var question = CompletableFuture.supplyAsync(() -> paths.missingAndReserve(cache.id(), List.of(hash)), THREADS);
        var pin = later(() -> pins.put(cache.id(), new Pins.NewPin("demo", lib.id(), "", Optional.empty(), "anna")));
        awaitWaiting(3);
        QuarkusTransaction.commit();
        assertEquals(List.of(base), push.join());
        assertEquals(List.of(hash), question.join());
        assertFalse(pin.join());
    }

    @Test
    void pathReferencedAfterMarkingIsKept() {
        var lib = tables.push(cache, "lib");
        old(lib);
        tables.push(cache, "app", lib.path().baseName());
        assertEquals(Set.of(), remove(lib));
        tables.run("delete from path where name = 'app' and cache_id = " + cache.id());
        QuarkusTransaction.requiringNew()
                .run(() -> pins.put(cache.id(), new Pins.NewPin("demo", lib.id(), "", Optional.empty(), "anna")));
        assertEquals(Set.of(), remove(lib));
        tables.run("delete from pin where cache_id = " + cache.id());
        assertEquals(Set.of(lib.id()), remove(lib));
    }

    private Set<Long> remove(PathInfo path) {
        return QuarkusTransaction.requiringNew()
                .call(() -> dead.remove(cache.id(), MONTH, List.of(path.id())))
                .ids();
    }

    private static <T> CompletableFuture<T> later(Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                () -> QuarkusTransaction.requiringNew().call(work::get), THREADS);
    }

    private static void elsewhere(Supplier<?> work) {
        CompletableFuture.supplyAsync(work, THREADS).join();
    }

    private void awaitWaiting(int many) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (tables.number("select count(distinct pid) from pg_locks where not granted") < many) {
            assertTrue(System.nanoTime() < deadline, "nobody waits for a lock");
            Thread.onSpinWait();
        }
    }

    @Test
    void concurrentPushesAndCollectionsLoseNothing() throws Exception {
        race(7, 12);
    }

    @Test
    @Tag("long")
    void manyConcurrentPushesAndCollectionsLoseNothing() throws Exception {
        for (int seed = 100; seed < 110; seed++) {
            cache = tables.newCache();
            keep(MONTH);
            race(seed, 100);
        }
    }

    /** Ten threads push referrers of paths that are about to be deleted, two threads collect. */
    private void race(int seed, int pushes) throws Exception {
        var graph = Graph.random(seed, 400);
        graph.enter(tables, cache);
        var all = graph.nodes().stream().map(Graph.Node::path).toList();
        var parts = new ArrayList<ParallelRunner.Part<List<NewPath>>>();
        for (int i = 0; i < 10; i++) {
            var random = new Random(seed * 31L + i);
            boolean promised = i % 2 == 0;
            parts.add(() -> {
                var pushed = new ArrayList<NewPath>();
                for (int n = 0; n < pushes; n++) {
                    push(all, random, promised).ifPresent(pushed::add);
                }
                return pushed;
            });
        }
        for (int i = 0; i < 2; i++) {
            parts.add(() -> {
                collect();
                collect();
                return List.of();
            });
        }
        var pushed = ParallelRunner.run(parts).stream().flatMap(List::stream).toList();
        var here =
                Set.copyOf(tables.column("select hash_part || '-' || name from path where cache_id = " + cache.id()));
        for (var path : pushed) {
            assertTrue(here.contains(path.path().baseName()), path.path() + " is lost");
            assertEquals(
                    List.of(),
                    path.references().stream()
                            .filter(ref -> !here.contains(ref))
                            .toList(),
                    path.path() + " has a hole");
        }
        assertEquals(
                List.of(here.size() + ""),
                tables.column("select paths from cache_usage where cache_id = " + cache.id()));
        assertTrue(
                graph.live().stream().allMatch(node -> here.contains(node.path().baseName())));
    }
}
