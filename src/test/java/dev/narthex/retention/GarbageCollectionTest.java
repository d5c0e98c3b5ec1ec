package dev.narthex.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.ReleaseHistory;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ParallelRunner;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.retention.PathMarker.UnreachablePath;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Garbage collection of a cache, and its dry runs. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class GarbageCollectionTest {
    private static final Retention MONTH = Retention.ofDays(30, Optional.empty(), Optional.empty());

    /** On two cores the common pool has one thread, and each of these waits. */
    private static final Executor THREADS = task -> Thread.ofPlatform().start(task);

    @Inject
    CatalogFixture tables;

    @Inject
    CacheSettingsStore settings;

    @Inject
    CacheGc collecting;

    @Inject
    WhyKept keeping;

    @Inject
    Pins pins;

    @Inject
    Paths paths;

    @Inject
    PathSweeper dead;

    @Inject
    Packages packages;

    @Inject
    ReleaseHistory dates;

    @Inject
    ReleaseFixture recognized;

    @Inject
    PackageEditRepository edits;

    private Cache cache;

    @BeforeEach
    void aCacheThatKeepsAMonth() {
        cache = tables.newCache();
        keep(MONTH);
    }

    @Test
    void collectionRemovesOnlyUnreachablePathsAsThePageSays() {
        for (int seed = 0; seed < 25; seed++) {
            cache = tables.newCache();
            keep(MONTH);
            check(Graph.random(seed, 50), "seed " + seed);
        }
    }

    private void check(Graph graph, String what) {
        graph.enter(tables, cache);
        var live = graph.live();
        var before = tables.rows(cache.id());
        var preview = collecting.preview(cache.id(), cache.name(), "anna", 1000);
        assertEquals(graph.names(n -> !live.contains(n)), names(preview.list()), what);
        assertEquals(preview.list().size(), preview.paths(), what);
        assertEquals(before, tables.rows(cache.id()), what);
        for (var node : graph.nodes()) {
            explained(graph, node, live, what + ", " + node.path());
        }
        var run = collect();
        assertEquals(graph.names(live::contains), here(), what);
        assertEquals(preview.paths(), run.paths(), what);
        assertEquals(
                List.of(live.size() + " " + live.size() * Graph.SIZE),
                tables.column("select paths || ' ' || bytes from cache_usage where cache_id = " + cache.id()),
                what);
        assertEquals(0, collect().paths(), what);
    }

    private void explained(Graph graph, Graph.Node node, Set<Graph.Node> live, String what) {
        var reasons = keeping.of(cache.id(), node.path().hash(), MONTH);
        assertEquals(Optional.of(live.contains(node)), reasons.keepsAt(Instant.now()), what);
        for (var root : reasons.roots()) {
            var from = graph.node(root.path());
            assertTrue(graph.reached(Set.of(from)).contains(node), what);
            assertEquals(from.pinned(), !root.pins().isEmpty(), what);
            assertEquals(graph.released(from), !root.releases().isEmpty(), what);
        }
    }

    @Test
    void nothingIsCollectedWithoutAPolicy() {
        keep(Retention.NONE);
        old(tables.push(cache, "lantern"));
        assertEquals(Optional.empty(), collecting.collect(cache.id(), cache.name(), ""));
        assertEquals(0, collecting.preview(cache.id(), cache.name(), "", 10).paths());
        assertEquals(Set.of("lantern"), here());
    }

    @Test
    void recentlyQueriedPathIsKept() {
        var asked = tables.push(cache, "asked");
        var not = tables.push(cache, "not");
        old(asked);
        old(not);
        assertEquals(
                List.of(),
                paths.missingAndReserve(cache.id(), List.of(asked.path().hash())));
        tables.run("update path set last_access = current_date - 1 where id = " + asked.id());
        tables.run("update path set last_access = current_date - 2 where id = " + not.id());
        collect();
        assertEquals(Set.of("asked"), here());
    }

    @Test
    void fetchedPathIsKeptForTheConfiguredTime() {
        keep(Retention.ofDays(30, Optional.empty(), Optional.of(90)));
        var lately = tables.push(cache, "lately");
        var longAgo = tables.push(cache, "long-ago");
        old(lately);
        old(longAgo);
        tables.run("update path set last_access = current_date - 89 where id = " + lately.id());
        tables.run("update path set last_access = current_date - 90 where id = " + longAgo.id());
        collect();
        assertEquals(Set.of("lately"), here());
    }

    @Test
    void circlesThatWerePushedFarApartGoTogether() {
        var first = new StorePath(CatalogFixture.hashPart(), "first");
        var last = new StorePath(CatalogFixture.hashPart(), "last");
        pushOld(first, last.baseName(), first.baseName());
        for (int i = 0; i < PathSweeper.BATCH + 10; i++) {
            var between = tables.push(cache, "between-" + i);
            old(between);
            QuarkusTransaction.requiringNew()
                    .run(() -> pins.put(
                            cache.id(),
                            new Pins.NewPin(between.path().name(), between.id(), "", Optional.empty(), "anna")));
        }
        pushOld(last, first.baseName());
        // what is between is wanted no longer, but somebody has it in his hands
        tables.run("update path set last_access = current_date where cache_id = " + cache.id() + " and name like 'b%'");
        collect();
        assertEquals(PathSweeper.BATCH + 10, here().size());
        assertFalse(here().contains("first"));
    }

    @Test
    void aPinThatEndsKeepsNothing() {
        var path = tables.push(cache, "lantern");
        old(path);
        QuarkusTransaction.requiringNew()
                .run(() -> pins.put(
                        cache.id(),
                        new Pins.NewPin(
                                "demo", path.id(), "", Optional.of(Instant.now().plusSeconds(60)), "anna")));
        collect();
        assertEquals(Set.of("lantern"), here());
        tables.run("update pin set keep_until = now() where cache_id = " + cache.id());
        collect();
        assertEquals(Set.of(), here());
        assertEquals(List.of(), pins.list(cache.id(), "", 10));
    }

    @Test
    void proposalIsRemovedWithItsPath() {
        var path = recognized.push(
                cache, "npm", RecognitionFixture.of("lantern", "1.0.0").proposed());
        old(path);
        collect();
        assertEquals(Set.of(), here());
        assertEquals(0, tables.number("select count(*) from package where cache_id = " + cache.id()));
    }

    @Test
    void oldVersionsGoAndTheirNamesStayTaken() {
        keep(Retention.ofDays(30, Optional.of(2), Optional.empty()));
        for (int i = 1; i <= 5; i++) {
            old(recognized.push(
                    cache, "npm", RecognitionFixture.of("lantern", i + ".0.0").named("f" + i + ".tgz")));
        }
        tables.run(
                "update release set published_at = now() - interval '40 days' + make_interval(hours => cast(left(version, 1) as int))"
                        + " where package_id in (select id from package where cache_id = " + cache.id() + ")");
        QuarkusTransaction.requiringNew()
                .run(() -> edits.tag(edits.lock(cache.id(), "npm", "lantern").orElseThrow(), "old", "1.0.0", "anna"));
        var preview = collecting.preview(cache.id(), cache.name(), "", 10);
        assertEquals(
                List.of("2.0.0", "3.0.0"),
                preview.releases().stream()
                        .map(ExpiredReleases.ExpiredRelease::version)
                        .toList());
        assertEquals(2, preview.paths());
        var run = collect();
        assertEquals(2, run.releases());
        assertEquals(2, run.paths());
        assertEquals(
                List.of("1.0.0", "4.0.0", "5.0.0"),
                tables.column("select version from release r join package p on p.id = r.package_id where p.cache_id = "
                        + cache.id() + " order by 1"));
        assertTrue(dates.findRemoved(cache.id(), "npm", "lantern", "2.0.0")
                .orElseThrow()
                .reason()
                .contains("last 2 versions"));
    }

    @Test
    void aFetchedVersionStays() {
        keep(Retention.ofDays(30, Optional.of(1), Optional.of(60)));
        for (int i = 1; i <= 3; i++) {
            old(recognized.push(
                    cache, "npm", RecognitionFixture.of("lantern", i + ".0.0").named("f" + i + ".tgz")));
        }
        tables.run("update release set published_at = now() - interval '40 days' where package_id in"
                + " (select id from package where cache_id = " + cache.id() + ")");
        tables.run(
                "insert into download_day select r.id, current_date - 59, 1 from release r join package p on p.id = r.package_id"
                        + " where p.cache_id = " + cache.id() + " and r.version = '1.0.0'");
        assertEquals(1, collect().releases());
        assertTrue(packages.release(cache, "npm", "lantern", "1.0.0").isPresent());
    }

    // ── who comes first ──

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
    void pushersAndCollectionsAtOnceLoseNothing() throws Exception {
        race(7, 12);
    }

    @Test
    @Tag("long")
    void pushersAndCollectionsAtOnceLoseNothingForLong() throws Exception {
        for (int seed = 100; seed < 110; seed++) {
            cache = tables.newCache();
            keep(MONTH);
            race(seed, 100);
        }
    }

    /** Ten push what refers to paths that are about to go, two collect. */
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

    /** Pushes as nix does, which needs all references to exist, or as attic does, which relies on an earlier query. */
    private Optional<NewPath> push(List<StorePath> all, Random random, boolean promised) {
        var refs = IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> all.get(random.nextInt(all.size())))
                .distinct()
                .toList();
        var bases = refs.stream().map(StorePath::baseName).toList();
        var path = tables.newPath(cache, "pushed", 1, bases);
        if (promised) {
            var hashes = refs.stream().map(StorePath::hash).toList();
            if (!paths.missingAndReserve(cache.id(), hashes).isEmpty()) {
                return Optional.empty();
            }
            QuarkusTransaction.requiringNew().run(() -> paths.add(cache.id(), path));
            return Optional.of(path);
        }
        return QuarkusTransaction.requiringNew().call(() -> {
            if (!paths.missingFrom(cache.id(), bases).isEmpty()) {
                return Optional.empty();
            }
            paths.add(cache.id(), path);
            return Optional.of(path);
        });
    }

    private void keep(Retention rules) {
        QuarkusTransaction.requiringNew().run(() -> settings.change(cache.id(), now -> now.withRetention(rules)));
    }

    private GcRuns.Run collect() {
        return collecting.collect(cache.id(), cache.name(), "").orElseThrow();
    }

    private void old(PathInfo path) {
        tables.run(
                "update path set pushed_at = now() - interval '40 days' + make_interval(secs => id % 100000), last_access = current_date - 40 where id = "
                        + path.id());
    }

    private void pushOld(StorePath path, String... references) {
        old(tables.push(
                cache,
                CatalogFixture.newPath(
                        path, tables.nar(cache.domainId(), path.baseName(), 1), 1, List.of(references))));
    }

    private Set<String> here() {
        return new TreeSet<>(tables.column("select name from path where cache_id = " + cache.id()));
    }

    private static Set<String> names(List<UnreachablePath> list) {
        return list.stream().map(path -> path.path().name()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** A graph of paths and GC roots, with a simple reference implementation of reachability. */
    private record Graph(List<Node> nodes) {
        static final int SIZE = 1000;

        record Node(
                StorePath path,
                int nar,
                List<Integer> refs,
                boolean young,
                boolean used,
                boolean pinned,
                boolean released) {}

        /** Some refer to themselves, some in circles, some share a NAR; few are kept by themselves. */
        static Graph random(int seed, int size) {
            var random = new Random(seed);
            int roots = 5 + random.nextInt(25);
            var nodes = new ArrayList<Node>();
            for (int i = 0; i < size; i++) {
                var refs = new TreeSet<Integer>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    refs.add(random.nextInt(random.nextInt(10) == 0 ? size : i + 1));
                }
                nodes.add(new Node(
                        new StorePath(CatalogFixture.hashPart(), "n" + i),
                        random.nextInt(8) == 0 ? random.nextInt(i + 1) : i,
                        List.copyOf(refs),
                        random.nextInt(roots) == 0,
                        random.nextInt(roots) == 0,
                        random.nextInt(roots) == 0,
                        random.nextInt(roots) == 0));
            }
            return new Graph(List.copyOf(nodes));
        }

        Node node(StorePath path) {
            return nodes.stream()
                    .filter(node -> node.path.equals(path))
                    .findFirst()
                    .orElseThrow();
        }

        boolean released(Node node) {
            return nodes.stream().anyMatch(other -> other.released && other.nar == node.nar);
        }

        Set<Node> live() {
            return reached(nodes.stream()
                    .filter(node -> node.young || node.used || node.pinned || released(node))
                    .collect(Collectors.toSet()));
        }

        Set<Node> reached(Set<Node> roots) {
            var all = new HashSet<>(roots);
            int before = 0;
            while (all.size() > before) {
                before = all.size();
                all.addAll(all.stream()
                        .flatMap(node -> node.refs.stream().map(nodes::get))
                        .toList());
            }
            return all;
        }

        Set<String> names(Predicate<Node> which) {
            return nodes.stream()
                    .filter(which)
                    .map(node -> node.path.name())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        void enter(CatalogFixture tables, Cache cache) {
            var nars = nodes.stream()
                    .map(Node::nar)
                    .distinct()
                    .collect(Collectors.toMap(
                            nar -> nar, nar -> tables.nar(cache.domainId(), cache.name() + " " + nar, SIZE)));
            tables.run("insert into path (cache_id, hash_part, name, nar_id, refs, pushed_at, last_access) values "
                    + nodes.stream().map(node -> row(node, cache, nars)).collect(Collectors.joining(", ")));
            tables.run("update cache_usage set paths = %d, bytes = %d where cache_id = %d"
                    .formatted(nodes.size(), nodes.size() * SIZE, cache.id()));
            nodes.stream()
                    .filter(Node::pinned)
                    .forEach(node -> tables.run(
                            "insert into pin (cache_id, name, path_id) select cache_id, name, id from path where cache_id = %d and name = '%s'"
                                    .formatted(cache.id(), node.path.name())));
            nodes.stream().filter(Node::released).forEach(node -> release(tables, cache, node));
        }

        private String row(Node node, Cache cache, Map<Integer, Long> nars) {
            var refs = node.refs.stream()
                    .map(i -> "'" + nodes.get(i).path.baseName() + "'")
                    .collect(Collectors.joining(","));
            int days = 31 + nodes.indexOf(node) % 7;
            return "(%d, '%s', '%s', %d, array[%s]::text[], now() - interval '%d days', current_date - %d)"
                    .formatted(
                            cache.id(),
                            node.path.hash(),
                            node.path.name(),
                            nars.get(node.nar),
                            refs,
                            node.young ? 29 : days,
                            node.used ? 1 : days);
        }

        private static void release(CatalogFixture tables, Cache cache, Node node) {
            tables.run("""
                    with k as (insert into package (cache_id, ecosystem, name, normalised) values (%1$d, 'nix', '%2$s', '%2$s')
                        returning id),
                      r as (insert into release (package_id, version, version_key, state, facts, recogniser, published_at)
                        select id, '1', '\\x01', 'released', '{}', 1, now() from k returning id)
                    insert into artifact (release_id, build, filename, path_id, byte_offset, length, sha256, origin, state, at)
                    select r.id, p.hash_part, p.name, p.id, 0, 1, '\\x00', 'path', 'released', now()
                    from r, path p where p.cache_id = %1$d and p.name = '%2$s'""".formatted(cache.id(), node.path.name()));
        }
    }
}
