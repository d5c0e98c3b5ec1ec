package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Dependency;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Dependencies and dependents of the packages in a cache. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackageDependenciesTest extends PackagesSetup {

    @Test
    void dependenciesAreReachableFromReleasedVersions() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").needing("wick", "gone"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "2.0.0"));
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "3.0.0").needing("unseen").proposed());
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("wick", "1.0.0")
                        .needing(
                                new Dependency("lantern", "lantern", "^1", "runtime"),
                                new Dependency("loom", "loom", "*", "dev")));
        recognized.push(tables.newCache(), NPM, RecognitionFixture.of("gone", "1.0.0"));
        tag("lantern", "next", "2.0.0");
        var available = packages.availableVersions(cache.id(), NPM, List.of("lantern"), Set.of("runtime"));
        assertTrue(available.complete());
        assertEquals(Set.of("lantern", "wick", "gone"), available.packages().keySet());
        assertEquals(List.of(), available.packages().get("gone"));
        var lanterns = available.packages().get("lantern");
        assertEquals(
                List.of("2.0.0", "1.0.0"),
                lanterns.stream().map(AvailableVersions.Version::version).toList());
        assertEquals(List.of("next"), lanterns.getFirst().tags());
        assertEquals(
                List.of("wick", "gone"),
                lanterns.getLast().needs().stream().map(Dependency::name).toList());
        assertEquals(
                List.of(new Dependency("lantern", "lantern", "^1", "runtime")),
                available.packages().get("wick").getFirst().needs());
        var alone = packages.availableVersions(cache.id(), NPM, List.of("lantern", "gone"), List.of());
        assertEquals(Set.of("lantern", "gone"), alone.packages().keySet());
        assertEquals(List.of(), alone.packages().get("lantern").getLast().needs());
    }

    @Test
    void traversalOverTheLimitIsReported() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").needing("part-1"));
        tables.run("""
                insert into package (cache_id, ecosystem, name, normalized)
                select %1$d, 'npm', 'part-' || i, 'part-' || i from generate_series(1, 2100) i;
                insert into release (package_id, version, version_key, state, facts, recognizer, published_at)
                select id, '1.0.0', '', 'released', '{}', 1, now() from package where cache_id = %1$d and name like 'part-%%';
                insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, range, kind)
                select r.id, 0, %1$d, 'npm', n.name, n.name, '', 'runtime' from package p join release r on r.package_id = p.id
                cross join lateral (select 'part-' || (1 + substr(p.name, 6)::int) as name) n
                where p.cache_id = %1$d and p.name like 'part-%%';
                analyze package, release, dependency""".formatted(cache.id()));
        var available = packages.availableVersions(cache.id(), NPM, List.of("lantern"), Set.of("runtime"));
        assertFalse(available.complete());
        assertEquals(2001, available.packages().size());
        tables.run("""
                insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, range, kind)
                select r.id, i, %1$d, 'npm', 'lantern', 'lantern', '', 'runtime' from package p
                  join release r on r.package_id = p.id, generate_series(1, 60) i
                where p.cache_id = %1$d and p.name like 'part-%%';
                analyze dependency""".formatted(cache.id()));
        var many = packages.availableVersions(cache.id(), NPM, List.of("lantern"), Set.of("runtime"));
        assertFalse(many.complete());
        assertTrue(many.packages().size() < 2000, "of the last one there may be more");
    }

    @Test
    void someDependentsAreNamed() {
        recognized.push(cache, NPM, RecognitionFixture.of("zither", "1.0.0").needing("gone"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").needing("gone"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "2.0.0"));
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("harp", "1.0.0").needing("gone").proposed());
        recognized.push(
                tables.newCache(), NPM, RecognitionFixture.of("alien", "1.0.0").needing("gone"));
        assertEquals(List.of("zither"), packages.someDependents(cache.id(), NPM, "gone", 3));
        recognized.push(cache, NPM, RecognitionFixture.of("drum", "1.0.0").needing("gone"));
        assertEquals(List.of("drum", "zither"), packages.someDependents(cache.id(), NPM, "gone", 3));
        assertEquals(List.of("drum"), packages.someDependents(cache.id(), NPM, "gone", 1));
    }

    @Test
    void presentDependenciesAreFound() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.push(cache, "pypi", RecognitionFixture.of("oar", "1.0"));
        assertEquals(
                Set.of("lantern"),
                packages.listExisting(cache.id(), NPM, List.of("lantern", "oar", "\0", "x\uD800", "lantern")));
        assertEquals(Set.of(), packages.listExisting(cache.id(), NPM, List.of()));
    }

    @Test
    void dependentsAreCurrentDependentsOnly() {
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("boat", "1.0.0").needing("oar"));
        recognized.push(cache, NPM, RecognitionFixture.of("boat", "1.1.0").needing("oar", "oar"));
        recognized.push(cache, NPM, RecognitionFixture.of("ship", "1.0.0").needing("oar"));
        recognized.push(cache, NPM, RecognitionFixture.of("ship", "2.0.0").needing("engine"));
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("raft", "1.0.0").needing("oar").proposed());
        recognized.push(cache, NPM, RecognitionFixture.of("ferry", "2.0.0-rc.1").needing("engine"));
        recognized.push(cache, NPM, RecognitionFixture.of("ferry", "1.0.0").needing("oar"));
        recognized.push(cache, "pypi", RecognitionFixture.of("canoe", "1.0").needing("oar"));
        var dependents = packages.dependents(cache.id(), NPM, "oar", 1);
        assertEquals(
                List.of(
                        new Dependent("boat", "boat", "1.1.0", "^1.0", "runtime"),
                        new Dependent("ferry", "ferry", "1.0.0", "^1.0", "runtime")),
                dependents.items());
        assertEquals(2, dependents.total());
        assertEquals(2, packages.dependentCount(cache.id(), NPM, "oar"));
        assertEquals(1, packages.dependentCount(cache.id(), NPM, "engine"));
        assertEquals(0, packages.dependentCount(cache.id(), NPM, "OAR"));
        assertEquals(0, packages.dependentCount(tables.newCache().id(), NPM, "oar"));
    }

    @Test
    void manyDependentsArePaged() {
        for (int i = 0; i < 60; i++) {
            recognized.push(
                    cache,
                    NPM,
                    RecognitionFixture.of("boat-%02d".formatted(i), "1.0.0").needing("oar"));
        }
        var second = packages.dependents(cache.id(), NPM, "oar", 2);
        assertEquals(60, second.total());
        assertEquals(10, second.items().size());
        assertEquals("boat-59", second.items().getLast().name());
    }
}
