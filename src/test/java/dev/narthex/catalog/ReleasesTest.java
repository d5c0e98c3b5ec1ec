package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Stock.Recording;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.FoundArtifact.Origin;
import dev.narthex.spi.ReleaseView;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ReleasesTest {
    private static final String VERSION = "1.0";
    private static final String FILE = "lantern-1.0.tgz";

    @Inject
    Releases releases;

    @Inject
    Packages packages;

    @Inject
    Changes changes;

    @Inject
    Stock stock;

    @Inject
    Sql sql;

    private ReleaseView view(Cache cache) {
        return packages.release(cache, "npm", "lantern", VERSION).orElseThrow();
    }

    private Artifact served(Cache cache) {
        return packages.file(cache.id(), "npm", "lantern", FILE).orElseThrow();
    }

    private long changeCount(Cache cache) {
        return sql.rows("select count(*) as n from change where cache_id = :cache", Map.of("cache", cache.id()))
                .getFirst()
                .number("n");
    }

    private void forget(PathFacts path, Set<Long> keep) {
        QuarkusTransaction.requiringNew().run(() -> releases.forget(path.cacheId(), path.id(), keep));
    }

    private void tombstone(Cache cache, String filename, String content) {
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change(
                        """
                        insert into tombstone (cache_id, ecosystem, normalised, version, filename, sha256)
                        values (:cache, 'npm', 'lantern', '1.0', :file, nullif(:sha, cast('' as bytea)))""",
                        Map.of(
                                "cache",
                                cache.id(),
                                "file",
                                filename,
                                "sha",
                                content.isEmpty()
                                        ? new byte[0]
                                        : Stock.hash(content).bytes())));
    }

    @Test
    void whatIsRecordedIsReadBack() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-src");
        var facts = Stock.facts("A <b>lantern</b>");
        stock.release(
                cache,
                new Recording(path, "Lantern", VERSION)
                        .with(facts)
                        .named(FILE)
                        .with(Stock.needs("oil"), Stock.needs("wick"))
                        .recorded());
        var view = view(cache);
        assertEquals(facts, view.facts());
        assertEquals("Lantern", view.name());
        assertTrue(view.released());
        assertEquals(List.of(Stock.needs("oil"), Stock.needs("wick")), view.dependencies());
        assertEquals(path.pushedAt(), view.publishedAt());
        var artifact = view.artifacts().getFirst();
        assertEquals(path.path(), artifact.path());
        assertEquals(path.narHash(), artifact.sha256());
        assertEquals(Optional.empty(), artifact.sha512());
        assertEquals(96, artifact.offset());
        assertFalse(artifact.promised());
    }

    @Test
    void recognisingTwiceChangesNothing() {
        var cache = stock.cache();
        var path = stock.path(cache, "lantern-src");
        var recorded = Stock.recorded(path, "lantern", VERSION, Stock.needs("oil"));
        var first = stock.release(cache, recorded);
        var before = view(cache);
        var revision = changes.revision();
        long count = changeCount(cache);
        assertEquals(first, stock.release(cache, recorded));
        forget(path, first);
        assertEquals(before, view(cache));
        assertEquals(count, changeCount(cache));
        assertEquals(revision, changes.revision());
    }

    @Test
    void onlyPublishersRelease() {
        var cache = stock.cache();
        stock.release(
                cache,
                new Recording(stock.path(cache, "a"), "lantern", VERSION)
                        .proposed()
                        .recorded());
        assertFalse(view(cache).released());
        assertTrue(packages.served(cache, "npm", "lantern").isEmpty());
        assertTrue(packages.file(cache.id(), "npm", "lantern", FILE).isEmpty());
        var second = stock.path(cache, "b");
        stock.release(cache, Stock.recorded(second, "lantern", VERSION));
        var view = view(cache);
        assertTrue(view.released());
        assertEquals(second.pushedAt(), view.publishedAt());
        assertEquals(
                List.of(true, false),
                view.artifacts().stream().map(Artifact::released).toList());
        assertEquals(second.path(), served(cache).path());
    }

    @Test
    void aReleasedArtifactIsNotTakenBackByRecognition() {
        var cache = stock.cache();
        var path = stock.path(cache, "a");
        stock.release(cache, Stock.recorded(path, "lantern", VERSION));
        stock.release(cache, new Recording(path, "lantern", VERSION).proposed().recorded());
        assertTrue(view(cache).released());
    }

    @Test
    void anExactFileReplacesAWholePathUntilTheNameIsPromised() {
        var cache = stock.cache();
        var tree = stock.path(cache, "tree");
        var file = stock.path(cache, "file");
        var later = stock.path(cache, "later");
        stock.release(
                cache,
                new Recording(file, "lantern", VERSION)
                        .with(Stock.facts("file"))
                        .recorded());
        stock.release(
                cache,
                new Recording(tree, "lantern", VERSION)
                        .from(Origin.PATH)
                        .with(Stock.facts("tree"))
                        .with(Stock.needs("oil"))
                        .recorded());
        assertEquals(file.path(), served(cache).path());
        assertEquals("file", view(cache).facts().summary());
        assertEquals(List.of(), view(cache).dependencies());

        assertTrue(releases.promise(List.of(served(cache).id())));
        stock.release(
                cache,
                new Recording(later, "lantern", VERSION)
                        .with(Stock.facts("later"))
                        .with(Stock.needs("wick"))
                        .recorded());
        assertEquals(file.path(), served(cache).path());
        assertEquals("file", view(cache).facts().summary());
        assertEquals(List.of(), view(cache).dependencies());
        assertEquals(3, view(cache).artifacts().size());
        assertEquals(
                1,
                packages.served(cache, "npm", "lantern")
                        .orElseThrow()
                        .releases()
                        .getFirst()
                        .artifacts()
                        .size());
    }

    @Test
    void theNewestOfEqualOnesIsServedAndGivesTheFacts() {
        var cache = stock.cache();
        var first = stock.path(cache, "a");
        var second = stock.path(cache, "b");
        var old = new Recording(first, "lantern", VERSION).with(Stock.facts("old"));
        stock.release(cache, old.recorded());
        stock.release(
                cache,
                new Recording(second, "lantern", VERSION)
                        .with(Stock.facts("new"))
                        .recorded());
        stock.release(cache, old.recorded());
        assertEquals("new", view(cache).facts().summary());
        assertEquals(second.path(), served(cache).path());
        assertEquals(first.pushedAt(), view(cache).publishedAt());
    }

    @Test
    void aNewerRecogniserRefreshesFactsAndAnOlderOneDoesNot() {
        var cache = stock.cache();
        var path = stock.path(cache, "a");
        stock.release(
                cache,
                new Recording(path, "lantern", VERSION)
                        .by(2)
                        .with(Stock.facts("two"))
                        .recorded());
        stock.release(
                cache,
                new Recording(path, "lantern", VERSION)
                        .by(3)
                        .with(Stock.facts("three"))
                        .recorded());
        stock.release(
                cache,
                new Recording(path, "lantern", VERSION)
                        .by(2)
                        .with(Stock.facts("two"))
                        .recorded());
        assertEquals("three", view(cache).facts().summary());
    }

    @Test
    void aDeletedReleaseIsOnlyProposedAgain() {
        var cache = stock.cache();
        tombstone(cache, "", "");
        tombstone(cache, FILE, "a");
        stock.release(cache, Stock.recorded(stock.path(cache, "a"), "lantern", VERSION));
        assertFalse(view(cache).released());
    }

    @Test
    void aPromisedFileNameComesBackWithTheSameBytesOnly() {
        var cache = stock.cache();
        tombstone(cache, FILE, "a");
        stock.release(cache, Stock.recorded(stock.path(cache, "b"), "lantern", VERSION));
        assertFalse(view(cache).released());
        var same = stock.path(cache, "a");
        stock.release(cache, Stock.recorded(same, "lantern", VERSION));
        assertEquals(same.path(), served(cache).path());
        assertEquals(2, view(cache).artifacts().size());
    }

    @Test
    void whatIsNoLongerFoundGoesUnlessItWasPromised() {
        var cache = stock.cache();
        var path = stock.path(cache, "a");
        stock.release(cache, Stock.recorded(path, "lantern", VERSION));
        stock.release(cache, Stock.recorded(path, "lamp", VERSION));
        assertTrue(releases.promise(List.of(packages.file(cache.id(), "npm", "lamp", "lamp-1.0.tgz")
                .orElseThrow()
                .id())));
        long count = changeCount(cache);
        forget(path, Set.of());
        assertTrue(packages.find(cache.id(), "npm", "lantern").isEmpty());
        assertTrue(packages.release(cache, "npm", "lamp", VERSION).isPresent());
        assertNotEquals(count, changeCount(cache));
        stock.release(cache, Stock.recorded(path, "lantern", VERSION));
        assertTrue(view(cache).released());
    }

    @Test
    void anotherCachesArtifactsAreNotForgotten() {
        var cache = stock.cache();
        var path = stock.path(cache, "a");
        stock.release(cache, Stock.recorded(path, "lantern", VERSION));
        var stranger = stock.cache();
        QuarkusTransaction.requiringNew().run(() -> releases.forget(stranger.id(), path.id(), Set.of()));
        assertTrue(view(cache).released());
    }

    @Test
    void hostileTextIsKeptAsTextOrRefused() {
        var cache = stock.cache();
        var path = stock.path(cache, "a");
        var summary = "nul \0 <script>alert(1)</script> \\u0000 \\\\u0000 \ud800 \u202e " + "x".repeat(1 << 20);
        var needed = new Dependency("a\0b", "a\0b", "^1\0", "run\0time");
        var range = new Dependency("oil", "oil", "^1\0".repeat(100_000), "run\0time");
        var huge = Stock.needs("n".repeat(1 << 20));
        stock.release(
                cache,
                new Recording(path, "lantern", VERSION)
                        .with(Stock.facts(summary))
                        .with(needed, range, huge)
                        .recorded());
        var shown = view(cache).facts().summary();
        assertTrue(shown.startsWith("nul  <script>alert(1)</script> \\u0000 \\\\u0000 "), shown.substring(0, 60));
        assertTrue(shown.endsWith("x".repeat(1 << 20)));
        assertEquals(
                List.of(new Dependency("oil", "oil", "^1".repeat(100_000), "runtime")),
                view(cache).dependencies());
        for (var name : List.of("", "a\0b", "n".repeat(501))) {
            assertThrows(ProblemException.class, () -> Stock.recorded(path, name, VERSION));
            assertThrows(ProblemException.class, () -> Stock.recorded(path, "lantern", name));
            assertThrows(
                    ProblemException.class,
                    () -> new Recording(path, "lantern", VERSION).named(name).recorded());
        }
        var longest = "é".repeat(500);
        stock.release(
                cache, new Recording(path, longest, longest).named(longest).recorded());
        assertTrue(packages.release(cache, "npm", longest, longest).isPresent());
    }

    @Test
    void pathsOfOneReleaseMayBeRecognisedAtTheSameTime() throws InterruptedException {
        var cache = stock.cache();
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var recordings = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> stock.path(cache, "path-" + i))
                .map(path -> new Recording(path, "lantern", VERSION)
                        .with(Stock.facts(path.path().name()))
                        .with(Stock.needs(path.path().name()))
                        .recorded())
                .toList();
        var threads = recordings.reversed().stream()
                .map(recorded -> Thread.ofVirtual().start(() -> {
                    try {
                        stock.release(cache, recorded);
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                }))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
        assertEquals(8, view(cache).artifacts().size());
        assertEquals("path-7", view(cache).facts().summary());
        assertEquals(List.of(Stock.needs("path-7")), view(cache).dependencies());
        assertEquals("path-7", served(cache).path().name());
    }
}
