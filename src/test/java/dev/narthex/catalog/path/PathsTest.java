package dev.narthex.catalog.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.path.Paths.AddResult;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ParallelRunner;
import dev.narthex.nix.SecretKey;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PathsTest {
    @Inject
    Paths paths;

    @Inject
    CacheCatalog caches;

    @Inject
    CatalogFixture tables;

    private Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    @Test
    void pathSurvivesARoundTrip() {
        var drv = StorePath.parseBaseName(CatalogFixture.hashPart() + "-lantern-3.2.1.drv");
        var sig = SecretKey.generate("builder").sign("anything");
        var reference = tables.push(cache, "glibc-2.40").path().baseName();
        var entered = CatalogFixture.builtBy(tables.newPath(cache, "lantern-3.2.1", 4096, List.of(reference)), drv);
        entered = new NewPath(
                entered.path(),
                entered.narId(),
                4096,
                entered.references(),
                Optional.of(drv),
                entered.ca(),
                List.of(sig),
                "pushed",
                "anna");
        var found = tables.push(cache, entered);
        assertEquals(entered.path(), found.path());
        assertEquals(entered.narId(), found.narId());
        assertEquals(4096, found.narSize());
        assertEquals(CatalogFixture.hash(entered.path().baseName()), found.narHash());
        assertEquals(List.of(reference), found.references());
        assertEquals(Optional.of(drv), found.deriver());
        assertEquals(List.of(sig), found.sigs());
        assertEquals("pushed", found.origin());
        assertEquals(Optional.of("anna"), found.pushedBy());
        assertEquals(List.of(found.path()), paths.outputsOf(cache.id(), drv.baseName()));
    }

    @Test
    void otherCachesDoNotHaveThePath() {
        var path = tables.push(cache, "lantern-3.2.1");
        var other = tables.newCache(cache.domainId());
        assertEquals(Optional.empty(), paths.find(other.id(), path.path().hash()));
        assertEquals(List.of(), paths.summaries(other.id(), List.of(path.path().baseName())));
        assertEquals(0, caches.counts(other.id()).paths());
    }

    @Test
    void invalidHashPartIsNotFound() {
        for (var odd : List.of("", "x", "e".repeat(32), "\0".repeat(32), "\uD800".repeat(32), "0".repeat(1_000_000))) {
            assertEquals(Optional.empty(), paths.find(cache.id(), odd));
            assertEquals(List.of(odd), inTransaction(() -> paths.missingFrom(cache.id(), List.of(odd))));
            assertEquals(List.of(), paths.summaries(cache.id(), List.of(odd)));
        }
    }

    @Test
    void pushingAgainMergesSignatures() {
        var first = SecretKey.generate("first").sign("x");
        var second = SecretKey.generate("second").sign("x");
        var path = tables.newPath(cache, "lantern-3.2.1", 1000, List.of());
        var entered = tables.push(cache, signed(path, first)).toStoredPath();
        assertEquals(new AddResult.Unchanged(entered, true), add(signed(path, second, first)));
        assertEquals(new AddResult.Unchanged(entered, false), add(signed(path, second)));
        var found = paths.find(cache.id(), path.path().hash()).orElseThrow();
        assertEquals(List.of(first, second), found.sigs());
        assertEquals(1, caches.counts(cache.id()).paths());
        assertEquals(1000, caches.counts(cache.id()).narBytes());
    }

    @Test
    void signaturesAreBounded() {
        var path = tables.newPath(cache, "lantern-3.2.1", 1000, List.of());
        var many = IntStream.range(0, 40)
                .mapToObj(i -> SecretKey.generate("key" + i).sign("x"))
                .toArray(Signature[]::new);
        tables.push(cache, signed(path, many));
        add(signed(path, SecretKey.generate("more").sign("x")));
        assertEquals(
                32,
                paths.find(cache.id(), path.path().hash()).orElseThrow().sigs().size());
    }

    @Test
    void differentReferencesChangeNothing() {
        var path = tables.push(cache, "lantern-3.2.1");
        var self = List.of(path.path().baseName());
        var sig = SecretKey.generate("builder").sign("x");
        var again = CatalogFixture.newPath(path.path(), path.narId(), 1000, self, sig);
        var refused = assertThrows(ProblemException.class, () -> add(again));
        assertEquals("Other references", refused.problem().title());
        assertEquals(path, paths.find(cache.id(), path.path().hash()).orElseThrow());
    }

    @Test
    void differentBytesChangeNothing() {
        var path = tables.push(cache, "lantern-3.2.1");
        long nar = tables.nar(cache.domainId(), "other", 2000);
        var sig = SecretKey.generate("builder").sign("x");
        assertEquals(
                new AddResult.Conflicting(path.narHash()),
                add(CatalogFixture.newPath(path.path(), nar, 2000, List.of(), sig)));
        assertEquals(Optional.of(path), paths.find(cache.id(), path.path().hash()));
        assertEquals(1000, caches.counts(cache.id()).narBytes());
    }

    @Test
    void differentBytesDoNotReplaceLostOnes() {
        var path = tables.push(cache, "lantern-3.2.1");
        tables.run("update nar set state = 'B' where id = " + path.narId());
        assertEquals(Optional.empty(), paths.find(cache.id(), path.path().hash()));
        long nar = tables.nar(cache.domainId(), "other", 2000);
        var refused = assertThrows(
                ProblemException.class, () -> add(CatalogFixture.newPath(path.path(), nar, 2000, List.of())));
        assertInstanceOf(Problem.Conflict.class, refused.problem());
    }

    @Test
    void lostBytesAreMissingUntilPushedAgain() {
        var path = tables.push(cache, "lantern-3.2.1");
        var base = path.path().baseName();
        tables.run("update nar set state = 'B' where id = " + path.narId());
        assertEquals(List.of(base), inTransaction(() -> paths.missingFrom(cache.id(), List.of(base))));
        tables.run("update nar set state = 'L' where id = " + path.narId());
        assertEquals(
                new AddResult.Unchanged(path.toStoredPath(), false),
                add(CatalogFixture.newPath(path.path(), path.narId(), 1000, List.of())));
    }

    @Test
    void pushesInDifferentOrdersDoNotDeadlock() throws Exception {
        var one = tables.newPath(cache, "one", 10, List.of());
        var two = tables.newPath(cache, "two", 10, List.of());
        ParallelRunner.run(IntStream.range(0, 8)
                .mapToObj(i -> (ParallelRunner.Part<AddResult>) () -> inTransaction(() -> {
                    paths.add(cache.id(), i % 2 == 0 ? one : two);
                    return paths.add(cache.id(), i % 2 == 0 ? two : one);
                }))
                .toList());
        assertEquals(2, caches.counts(cache.id()).paths());
        assertEquals(20, caches.counts(cache.id()).narBytes());
    }

    @Test
    void anotherNameForAHashPartIsRefused() {
        var path = tables.push(cache, "lantern-3.2.1");
        var other = new StorePath(path.path().hash(), "lantern-3.2.2");
        var refused = assertThrows(
                ProblemException.class, () -> add(CatalogFixture.newPath(other, path.narId(), 1000, List.of())));
        assertInstanceOf(Problem.Conflict.class, refused.problem());
    }

    @Test
    void missingPathsAreListedInRequestOrder() {
        var here = tables.push(cache, "here").path().baseName();
        var renamed = here.replace("here", "there");
        var never = CatalogFixture.hashPart() + "-never";
        assertEquals(
                List.of(never, renamed, "odd"),
                inTransaction(() -> paths.missingFrom(cache.id(), List.of(never, here, renamed, never, "odd"))));
        assertEquals(List.of(), inTransaction(() -> paths.missingFrom(cache.id(), List.of())));
    }

    @Test
    void presentPathIsNotCollectedBeforeTheCommit() {
        var path = tables.push(cache, "here");
        QuarkusTransaction.begin();
        paths.missingFrom(cache.id(), List.of(path.path().baseName()));
        assertEquals(List.of(), collectable(path));
        QuarkusTransaction.rollback();
        assertEquals(1, collectable(path).size());
    }

    /** Reads through another connection. */
    private List<String> collectable(PathInfo path) {
        return CompletableFuture.supplyAsync(
                        () -> tables.column("select id from path where id = " + path.id() + " for update skip locked"))
                .join();
    }

    @Test
    void requestedPathIsMarkedAsUsedToday() {
        var asked = tables.push(cache, "asked").path();
        tables.push(cache, "other");
        tables.run("update path set last_access = '2020-01-01' where cache_id = " + cache.id());
        inTransaction(() -> {
            paths.markAccessed(cache.id(), List.of(asked.baseName()));
            return 0;
        });
        assertEquals(
                List.of(asked.name()),
                tables.column("select name from path where last_access = current_date and cache_id = " + cache.id()));
    }

    @Test
    void referrersExcludeThePathItself() {
        var base = new StorePath(CatalogFixture.hashPart(), "base");
        tables.push(
                cache,
                CatalogFixture.newPath(
                        base, tables.nar(cache.domainId(), base.baseName(), 10), 10, List.of(base.baseName())));
        for (int i = 0; i < 60; i++) {
            tables.push(cache, "user-%02d".formatted(i), base.baseName());
        }
        tables.push(cache, "stranger");
        var first = paths.referrers(cache.id(), base.baseName(), 1);
        assertEquals(60, first.total());
        assertEquals(50, first.items().size());
        assertEquals("user-00", first.items().getFirst().path().name());
        assertTrue(first.hasNext());
        var second = paths.referrers(cache.id(), base.baseName(), 2);
        assertEquals("user-59", second.items().getLast().path().name());
        assertFalse(second.hasNext());
        assertEquals(List.of(), paths.referrers(cache.id(), base.baseName(), 3).items());
        assertEquals(first, paths.referrers(cache.id(), base.baseName(), -5));
    }

    @Test
    void summariesOmitMissingPaths() {
        var a = tables.push(cache, "a").path();
        var b = tables.push(cache, "b").path();
        assertEquals(
                List.of(new PathSummary(a, 1000), new PathSummary(b, 1000)),
                paths.summaries(
                        cache.id(),
                        List.of(b.baseName(), a.baseName(), CatalogFixture.hashPart() + "-c", b.hash() + "-other")));
    }

    @Test
    void pathsAreFoundByNamePrefix() {
        for (var name : List.of("lantern-2", "lantern-1", "lan_tern", "lanXtern", "Lantern-1")) {
            tables.push(cache, name);
        }
        assertEquals(List.of("lantern-1", "lantern-2"), named("lant"));
        assertEquals(List.of("lan_tern"), named("lan_"));
        assertEquals(List.of(), named("%"));
        assertEquals(List.of(), named("\\"));
        assertEquals(List.of("lantern-1", "lantern-2"), named("lantern\0-"));
        assertEquals(List.of(), named("lantern\uD800"));
    }

    private List<String> named(String text) {
        return paths.findByNamePrefix(cache.id(), text, 10).stream()
                .map(line -> line.path().name())
                .toList();
    }

    @Test
    void newestPathsComeFirst() {
        for (var name : List.of("a", "b", "c")) {
            tables.push(cache, name);
        }
        assertEquals(
                List.of("c", "b"),
                paths.newest(cache.id(), 2).stream()
                        .map(line -> line.path().name())
                        .toList());
    }

    @Test
    void evidenceIsStoredOnceAndBounded() {
        var hash = CatalogFixture.hashPart();
        for (int i = 0; i < 120; i++) {
            observe(hash, "bytes" + i, "builder");
            observe(hash, "bytes" + i, "builder");
        }
        assertEquals(100, tables.number("select count(*) from observation where cache_id = " + cache.id()));
        observe(CatalogFixture.hashPart(), "bytes", "x\0\uD800".repeat(10_000));
        assertEquals(101, tables.number("select count(*) from observation where cache_id = " + cache.id()));
    }

    private void observe(String hash, String bytes, String signer) {
        inTransaction(() -> {
            paths.recordConflict(cache.id(), hash, CatalogFixture.hash(bytes), signer);
            return 0;
        });
    }

    private static NewPath signed(NewPath path, Signature... sigs) {
        return CatalogFixture.newPath(path.path(), path.narId(), path.narSize(), path.references(), sigs);
    }

    private AddResult add(NewPath path) {
        return inTransaction(() -> paths.add(cache.id(), path));
    }

    private static <T> T inTransaction(Supplier<T> act) {
        return QuarkusTransaction.requiringNew().call(act::get);
    }
}
