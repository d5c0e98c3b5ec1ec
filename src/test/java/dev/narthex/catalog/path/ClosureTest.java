package dev.narthex.catalog.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ClosureTest {
    @Inject
    Paths paths;

    @Inject
    CatalogFixture tables;

    private Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    @Test
    void closureListsReachablePathsLargestFirst() {
        var glibc = push("glibc", 5000);
        var zlib = push("zlib", 3000, glibc);
        var root = push("lantern", 4000, zlib, glibc);
        push("stranger", 9000, root);
        var closure = paths.closure(cache.id(), root.hash(), 100);
        assertEquals(
                List.of(glibc, root, zlib),
                closure.nodes().stream().map(Closure.Node::path).toList());
        assertEquals(
                List.of(true, false, true),
                closure.nodes().stream().map(Closure.Node::direct).toList());
        assertTrue(closure.complete());
        assertEquals(12_000, closure.narSize());
        var indirect = paths.closure(cache.id(), push("over", 1, zlib).hash(), 100);
        assertEquals(
                List.of(zlib),
                indirect.nodes().stream()
                        .filter(Closure.Node::direct)
                        .map(Closure.Node::path)
                        .toList());
    }

    @Test
    void cyclesTerminate() {
        var a = new StorePath(CatalogFixture.hashPart(), "a");
        var b = new StorePath(CatalogFixture.hashPart(), "b");
        push(a, 2, a, b);
        push(b, 1, a, b);
        var closure = paths.closure(cache.id(), a.hash(), 100);
        assertEquals(
                List.of(a, b), closure.nodes().stream().map(Closure.Node::path).toList());
        assertTrue(closure.complete());
        assertEquals(
                List.of(false, true),
                closure.nodes().stream().map(Closure.Node::direct).toList());
    }

    @Test
    void closureNamesMissingPaths() {
        var never = new StorePath(CatalogFixture.hashPart(), "never");
        var lost = tables.push(cache, "lost");
        tables.run("update nar set state = 'B' where id = " + lost.narId());
        var root = push("root", 1, push("here", 2, never), lost.path());
        var closure = paths.closure(cache.id(), root.hash(), 100);
        assertFalse(closure.complete());
        assertEquals(List.of(never.baseName(), lost.path().baseName()), closure.missing());
        assertEquals(3, closure.narSize());
    }

    @Test
    void absentPathHasNoClosure() {
        for (var hash : List.of(CatalogFixture.hashPart(), "odd", "", "\0", "%".repeat(32))) {
            var closure = paths.closure(cache.id(), hash, 100);
            assertEquals(List.of(), closure.nodes());
            assertFalse(closure.complete());
        }
        var root = push("root", 1);
        assertEquals(
                List.of(),
                paths.closure(tables.newCache().id(), root.hash(), 100).nodes());
    }

    @Test
    void truncatedClosureHasItsRootAndNoTotals() {
        var leaves =
                IntStream.range(0, 50).mapToObj(i -> push("leaf-" + i, 100 + i)).toArray(StorePath[]::new);
        var root = push("root", 1, leaves);
        var cut = paths.closure(cache.id(), root.hash(), 10);
        assertEquals(10, cut.nodes().size());
        assertTrue(cut.nodes().stream().anyMatch(node -> node.path().equals(root)));
        assertFalse(cut.complete());
        assertEquals(List.of(), cut.missing());
        assertTrue(paths.closure(cache.id(), root.hash(), 51).complete());
    }

    @Test
    void missingPathsCountTowardsTheLimit() {
        var missing = IntStream.range(0, 50)
                .mapToObj(i -> new StorePath(CatalogFixture.hashPart(), "never-" + i))
                .toArray(StorePath[]::new);
        var cut = paths.closure(cache.id(), push("root", 1, missing).hash(), 10);
        assertEquals(1, cut.nodes().size());
        assertFalse(cut.complete());
        assertEquals(List.of(), cut.missing());
    }

    @Test
    void longChainIsTraversed() {
        var last = push("link-0", 1);
        for (int i = 1; i < 300; i++) {
            last = push("link-" + i, 1, last);
        }
        assertEquals(300, paths.closure(cache.id(), last.hash(), 1000).nodes().size());
    }

    @Test
    void sharedPathsCountForEachOfSeveralClosures() {
        var glibc = push("glibc", 5000);
        var zlib = push("zlib", 3000, glibc);
        var old = push("lantern", 400, glibc);
        var fresh = push("lantern", 500, zlib, glibc);
        var broken = push("lantern", 600, glibc, new StorePath(CatalogFixture.hashPart(), "never"));
        var absent = CatalogFixture.hashPart();
        var weights = paths.closureTotals(
                cache.id(), List.of(old.hash(), fresh.hash(), broken.hash(), absent, "odd", old.hash()), 100);
        assertEquals(
                Map.of(
                        old.hash(), new ClosureTotals(5400, 2, true),
                        fresh.hash(), new ClosureTotals(8500, 3, true),
                        broken.hash(), new ClosureTotals(5600, 2, false)),
                weights);
        assertEquals(Map.of(), paths.closureTotals(tables.newCache().id(), List.of(old.hash()), 100));
        assertEquals(Map.of(), paths.closureTotals(cache.id(), List.of(), 100));
    }

    @Test
    void cyclesAreCountedOnce() {
        var a = new StorePath(CatalogFixture.hashPart(), "a");
        var b = new StorePath(CatalogFixture.hashPart(), "b");
        push(a, 2, a, b);
        push(b, 1, a, b);
        var whole = new ClosureTotals(3, 2, true);
        assertEquals(
                Map.of(a.hash(), whole, b.hash(), whole),
                paths.closureTotals(cache.id(), List.of(a.hash(), b.hash()), 100));
    }

    @Test
    void sizeOverTheLimitIsIncomplete() {
        var leaves =
                IntStream.range(0, 50).mapToObj(i -> push("leaf-" + i, 100)).toArray(StorePath[]::new);
        var root = push("root", 1, leaves);
        var alone = push("alone", 7);
        var cut = paths.closureTotals(cache.id(), List.of(root.hash(), alone.hash()), 10);
        assertFalse(cut.get(root.hash()).complete());
        assertEquals(new ClosureTotals(7, 1, true), cut.get(alone.hash()));
        assertEquals(
                new ClosureTotals(5001, 51, true),
                paths.closureTotals(cache.id(), List.of(root.hash()), 51).get(root.hash()));
    }

    @Test
    void holdersAreReportedForTheGivenCachesOnly() {
        var here = push("lantern", 1);
        var elsewhere = tables.newCache();
        tables.push(elsewhere, CatalogFixture.newPath(here, tables.nar(elsewhere.domainId(), "x", 1), 1, List.of()));
        var both = List.of(cache.id(), elsewhere.id());
        assertEquals(
                Map.of(here.hash(), Set.copyOf(both)),
                paths.cachesWith(both, List.of(here.hash(), CatalogFixture.hashPart(), "odd")));
        assertEquals(
                Map.of(here.hash(), Set.of(elsewhere.id())),
                paths.cachesWith(List.of(elsewhere.id()), List.of(here.hash())));
        assertEquals(Map.of(), paths.cachesWith(List.of(), List.of(here.hash())));
    }

    private StorePath push(String name, long size, StorePath... references) {
        return push(new StorePath(CatalogFixture.hashPart(), name), size, references);
    }

    private StorePath push(StorePath path, long size, StorePath... references) {
        var bases = List.of(references).stream().map(StorePath::baseName).toList();
        tables.push(
                cache, CatalogFixture.newPath(path, tables.nar(cache.domainId(), path.baseName(), size), size, bases));
        return path;
    }
}
