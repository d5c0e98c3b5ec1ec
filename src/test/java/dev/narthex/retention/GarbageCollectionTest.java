package dev.narthex.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.nix.StorePath;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Garbage collection of a cache, and its dry runs. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class GarbageCollectionTest extends GarbageCollectionSetup {

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
    void cyclesAreRemovedTogether() {
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
        // the path in between is not wanted any more, but a client is still downloading it
        tables.run("update path set last_access = current_date where cache_id = " + cache.id() + " and name like 'b%'");
        collect();
        assertEquals(PathSweeper.BATCH + 10, here().size());
        assertFalse(here().contains("first"));
    }

    @Test
    void expiredPinKeepsNothing() {
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
    void oldVersionsAreRemovedAndTheirNamesReserved() {
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
    void recentlyFetchedVersionIsKept() {
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

    private void pushOld(StorePath path, String... references) {
        old(tables.push(
                cache,
                CatalogFixture.newPath(
                        path, tables.nar(cache.domainId(), path.baseName(), 1), 1, List.of(references))));
    }
}
