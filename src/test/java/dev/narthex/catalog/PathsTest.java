package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Paths.Added;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.SecretKey;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PathsTest {
    @Inject
    Paths paths;

    @Inject
    Caches caches;

    @Inject
    Stock stock;

    @Inject
    Sql sql;

    private Added add(Cache cache, NewPath path) {
        return QuarkusTransaction.requiringNew().call(() -> paths.add(cache.id(), path));
    }

    private static List<Signature> signatures(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> SecretKey.generate(name + i).sign("fingerprint"))
                .toList();
    }

    @Test
    void aPathIsFoundWithAllThatItsNarInfoSays() {
        var cache = stock.cache();
        var glibc = stock.path(cache, "glibc-2.40");
        var path = Stock.storePath("lantern-3.2.1");
        var drv = Stock.storePath("lantern-3.2.1.drv");
        var ca = ContentAddress.parse("fixed:r:" + Stock.hash("x"));
        var sigs = signatures("builder-", 2);
        var references = List.of(glibc.path().base(), path.base());
        var nar = stock.nar(cache, "lantern", 4242);
        add(cache, new NewPath(path, nar, 4242, references, Optional.of(drv), Optional.of(ca), sigs, "pushed", "lena"));

        var found = paths.find(cache.id(), path.hash()).orElseThrow();
        assertEquals(path, found.path());
        assertEquals(4242, found.narSize());
        assertEquals(Stock.hash("lantern"), found.narHash());
        assertEquals(references, found.references());
        assertEquals(Optional.of(drv), found.deriver());
        assertEquals(Optional.of(ca), found.ca());
        assertEquals(sigs, found.sigs());
        assertEquals(Optional.of("lena"), found.pushedBy());
        assertEquals(List.of(path), paths.outputsOf(cache.id(), drv.base()));
    }

    @Test
    void anotherCacheDoesNotHaveIt() {
        var path = stock.path(stock.cache(), "lantern-1.0");
        var other = stock.cache();
        assertTrue(paths.find(other.id(), path.path().hash()).isEmpty());
        assertFalse(paths.serves(other.id(), path.narId()));
        assertEquals(
                0, paths.closure(other.id(), path.path().hash(), 10).nodes().size());
        assertTrue(paths.serves(path.cacheId(), path.narId()));
    }

    @Test
    void whatIsNoHashPartIsNotFound() {
        var path = stock.path(stock.cache(), "lantern-1.0");
        for (var odd :
                List.of("", "x", path.path().base(), "\0", "e".repeat(32), "%".repeat(32), "a".repeat(1 << 20))) {
            assertTrue(paths.find(path.cacheId(), odd).isEmpty());
        }
    }

    @Test
    void thePathThatIsSentAgainMergesSignatures() {
        var cache = stock.cache();
        var path = Stock.storePath("lantern-1.0");
        var nar = stock.nar(cache, "lantern", 1000);
        var sigs = signatures("builder-", 3);
        var first = new NewPath(
                path, nar, 1000, List.of(), Optional.empty(), Optional.empty(), sigs.subList(0, 2), "pushed", "lena");
        var again = new NewPath(
                path, nar, 1000, List.of(), Optional.empty(), Optional.empty(), sigs.subList(1, 3), "pushed", "otto");
        var id = assertInstanceOf(Added.New.class, add(cache, first)).id();
        assertEquals(new Added.Same(id), add(cache, again));
        assertEquals(sigs, paths.find(cache.id(), path.hash()).orElseThrow().sigs());
        assertEquals(
                Optional.of("lena"),
                paths.find(cache.id(), path.hash()).orElseThrow().pushedBy());
        assertEquals(1, caches.counts(cache.id()).paths());
        assertEquals(1000, caches.counts(cache.id()).narBytes());
    }

    @Test
    void signaturesDoNotGrowWithoutEnd() {
        var cache = stock.cache();
        var path = Stock.storePath("lantern-1.0");
        var nar = stock.nar(cache, "lantern", 1000);
        for (var part : List.of(signatures("a", 20), signatures("b", 20))) {
            add(
                    cache,
                    new NewPath(
                            path, nar, 1000, List.of(), Optional.empty(), Optional.empty(), part, "pushed", "lena"));
        }
        assertEquals(
                32, paths.find(cache.id(), path.hash()).orElseThrow().sigs().size());
    }

    @Test
    void otherBytesChangeNothingAndAreKeptAsEvidence() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-1.0");
        var other = stock.nar(cache, "other bytes", 77);
        assertEquals(new Added.Other(path.narHash()), add(cache, Stock.newPath(path.path(), other, 77)));
        assertEquals(path, paths.find(cache.id(), path.path().hash()).orElseThrow());
        assertEquals(1, caches.counts(cache.id()).paths());
        for (int i = 0; i < 2; i++) {
            QuarkusTransaction.requiringNew()
                    .run(() -> paths.observe(cache.id(), path.path().hash(), Stock.hash("other bytes"), "builder-1\0"));
        }
        assertEquals(
                1,
                sql.rows("select signer from observation where cache_id = :cache", Map.of("cache", cache.id()))
                        .size());
    }

    @Test
    void oneHashPartHasOneName() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-1.0");
        var renamed = new StorePath(path.path().hash(), "lamp-1.0");
        assertThrows(ProblemException.class, () -> add(cache, Stock.newPath(renamed, path.narId(), 1000)));
    }

    @Test
    void missingAsksForHashAndName() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-1.0").path();
        var asked = List.of(
                path.base(), path.hash() + "-lamp", Stock.storePath("absent").base(), "odd", "");
        var missing = QuarkusTransaction.requiringNew().call(() -> paths.missing(cache.id(), asked));
        assertEquals(asked.subList(1, 5), missing);
        assertEquals(
                List.of(path.base()),
                QuarkusTransaction.requiringNew()
                        .call(() -> paths.missing(stock.cache().id(), List.of(path.base()))));
    }

    @Test
    void aPathWhoseNarIsGivenUpIsMissingUntilItIsSentAgain() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-1.0");
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change("update nar set state = 'B' where id = :id", Map.of("id", path.narId())));
        assertTrue(paths.find(cache.id(), path.path().hash()).isEmpty());
        var base = path.path().base();
        assertEquals(
                List.of(base), QuarkusTransaction.requiringNew().call(() -> paths.missing(cache.id(), List.of(base))));
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change("update nar set state = 'L' where id = :id", Map.of("id", path.narId())));
        assertEquals(new Added.Same(path.id()), add(cache, Stock.newPath(path.path(), path.narId(), 1000)));
    }

    @Test
    void askingForPathsIsNoted() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-1.0");
        var key = Map.<String, Object>of("id", path.id());
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change("update path set last_access = current_date - 9 where id = :id", key));
        QuarkusTransaction.requiringNew()
                .run(() -> paths.touch(cache.id(), List.of(path.path().base(), "odd")));
        assertTrue(sql.rows("select last_access = current_date as today from path where id = :id", key)
                .getFirst()
                .truth("today"));
    }

    @Test
    void aClosureHasEachPathOnceThoughReferencesGoInCircles() {
        var cache = stock.cache();
        var root = Stock.storePath("root");
        var left = Stock.storePath("left");
        var right = Stock.storePath("right");
        stock.path(cache, "right", 30, root.base(), right.base());
        stock.path(cache, "left", 20, right.base());
        stock.path(cache, "root", 10, left.base(), right.base(), root.base());
        stock.path(cache, "stranger", 40);

        var closure = paths.closure(cache.id(), root.hash(), 100);
        assertEquals(
                List.of(right, left, root),
                closure.nodes().stream().map(Closure.Node::path).toList());
        assertEquals(
                List.of(true, true, false),
                closure.nodes().stream().map(Closure.Node::direct).toList());
        assertEquals(60, closure.narSize());
        assertTrue(closure.complete());
        assertEquals(3, paths.closure(cache.id(), right.hash(), 100).nodes().size());
    }

    @Test
    void aClosureSaysWhatIsMissing() {
        var cache = stock.cache();
        var absent = Stock.storePath("absent").base();
        var deep = stock.path(cache, "deep", absent);
        var root = stock.path(cache, "root", deep.path().base());
        var closure = paths.closure(cache.id(), root.path().hash(), 100);
        assertEquals(List.of(absent), closure.missing());
        assertFalse(closure.complete());
        assertFalse(
                paths.closure(cache.id(), Stock.storePath("none").hash(), 100).complete());
    }

    @Test
    void aLongChainIsWalkedAndALimitCutsIt() {
        var cache = stock.cache();
        var before = stock.path(cache, "link-0");
        for (int i = 1; i < 60; i++) {
            before = stock.path(cache, "link-" + i, before.path().base());
        }
        assertEquals(
                60, paths.closure(cache.id(), before.path().hash(), 60).nodes().size());
        assertTrue(paths.closure(cache.id(), before.path().hash(), 60).complete());
        var cut = paths.closure(cache.id(), before.path().hash(), 59);
        assertEquals(59, cut.nodes().size());
        assertFalse(cut.complete());
    }

    @Test
    void referrersComeByPageAndWithoutThePathItself() {
        var cache = stock.cache();
        var own = Stock.storePath("glibc-2.40").base();
        stock.path(cache, "glibc-2.40", own);
        for (int i = 100; i < 160; i++) {
            stock.path(cache, "user-" + i, own);
        }
        stock.path(stock.cache(), "elsewhere", own);
        var first = paths.referrers(cache.id(), own, 1);
        assertEquals(60, first.total());
        assertEquals("user-100", first.items().getFirst().path().name());
        assertTrue(first.hasNext());
        var second = paths.referrers(cache.id(), own, 2);
        assertEquals(10, second.items().size());
        assertFalse(second.hasNext());
        assertEquals(0, paths.referrers(cache.id(), "odd", -5).items().size());
    }

    @Test
    void namesAreFoundByTheirBeginningLiterally() {
        var cache = stock.cache();
        stock.path(cache, "py_test-1");
        stock.path(cache, "pyxtest-1");
        stock.path(cache, "lantern-1");
        assertEquals(2, paths.withName(cache.id(), "py", 10).size());
        assertEquals(1, paths.withName(cache.id(), "py_", 10).size());
        assertEquals(0, paths.withName(cache.id(), "%", 10).size());
        assertEquals(0, paths.withName(cache.id(), "\\", 10).size());
        assertEquals(2, paths.withName(cache.id(), "py\0", 10).size());
        assertEquals("lantern-1", paths.newest(cache.id(), 1).getFirst().path().name());
    }

    @Test
    void linesAreOfThosePresent() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-1", 77).path();
        var lines = paths.lines(cache.id(), List.of(path.base(), path.hash() + "-lamp", "odd"));
        assertEquals(List.of(new PathLine(path, 77)), lines);
    }

    /** Each enters two paths, in opposite order: without an order of locks they wait for each other for ever. */
    @Test
    void transactionsThatEnterTheSamePathsInAnotherOrderDoNotBlock() throws InterruptedException {
        var cache = stock.cache();
        var one = Stock.newPath(Stock.storePath("one"), stock.nar(cache, "one", 10), 10);
        var two = Stock.newPath(Stock.storePath("two"), stock.nar(cache, "two", 10), 10);
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var threads = IntStream.range(0, 8)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    try {
                        QuarkusTransaction.requiringNew().run(() -> {
                            paths.add(cache.id(), i % 2 == 0 ? one : two);
                            paths.add(cache.id(), i % 2 == 0 ? two : one);
                        });
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                }))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
        assertEquals(2, caches.counts(cache.id()).paths());
        assertEquals(20, caches.counts(cache.id()).narBytes());
    }
}
