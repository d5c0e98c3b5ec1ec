package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ReleaseDatesTest {
    private static final String NPM = "npm";
    private static final String PYPI = "pypi";

    @Inject
    ReleaseHistory dates;

    @Inject
    PackageEditRepository edits;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    private Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    private void push(String ecosystem, String name, String version) {
        recognized.push(cache, ecosystem, RecognitionFixture.of(name, version).saying("says " + name));
    }

    private List<String> newest(String ecosystem, String name, int limit) {
        return dates.newest(cache.id(), ecosystem, name, limit).stream()
                .map(one -> one.ecosystem() + " " + one.name() + " " + one.version())
                .toList();
    }

    @Test
    void releasesAreListedSeparatelyNewestFirst() {
        push(NPM, "lantern", "1.0.0");
        push(NPM, "oar", "1.0.0");
        push(NPM, "lantern", "0.9.0");
        push(PYPI, "lantern", "2.0");
        recognized.push(cache, NPM, RecognitionFixture.of("mast", "1.0.0").proposed());
        assertEquals(
                List.of("pypi lantern 2.0", "npm lantern 0.9.0", "npm oar 1.0.0", "npm lantern 1.0.0"),
                newest("", "", 50));
        assertEquals(List.of("pypi lantern 2.0", "npm lantern 0.9.0"), newest("", "", 2));
        assertEquals(List.of("npm lantern 0.9.0", "npm oar 1.0.0", "npm lantern 1.0.0"), newest(NPM, "", 50));
        assertEquals(List.of("npm lantern 0.9.0", "npm lantern 1.0.0"), newest(NPM, "lantern", 50));
        assertEquals(List.of(), newest("cargo", "", 50));
        var one = dates.newest(cache.id(), PYPI, "lantern", 1).getFirst();
        assertEquals("says lantern", one.summary());
        assertTrue(one.by().isPresent());
    }

    @Test
    void otherCachesAreNotListed() {
        push(NPM, "lantern", "1.0.0");
        var other = tables.newCache();
        assertEquals(List.of(), dates.newest(other.id(), "", "", 50));
        assertEquals(List.of(), dates.packages(other.id(), NPM, "", 50));
        assertEquals(Map.of(), dates.partition(List.of(other.id()), 1));
    }

    /** Names in byte order, independent of the collation of the database. */
    @Test
    void batchesContainEveryPackageOnce() {
        for (var name : List.of("b", "a", "ab", "a-b", "@s/a", "z")) {
            push(NPM, name, "1.0.0");
        }
        for (var name : List.of("b", "a", "c")) {
            push(PYPI, name, "1.0");
        }
        for (int size = 1; size <= 7; size++) {
            var parts = parts(size);
            int max = size;
            assertEquals((6 + size - 1) / size + (3 + size - 1) / size, parts.size());
            assertTrue(parts.stream().allMatch(part -> !part.isEmpty() && part.size() <= max), parts::toString);
            assertEquals(
                    List.of("npm/@s/a", "npm/a", "npm/a-b", "npm/ab", "npm/b", "npm/z", "pypi/a", "pypi/b", "pypi/c"),
                    parts.stream().flatMap(List::stream).toList());
        }
    }

    private List<List<String>> parts(int size) {
        return dates.partition(List.of(cache.id()), size).getOrDefault(cache.id(), List.of()).stream()
                .map(position -> dates.packages(cache.id(), position.ecosystem(), position.normalized(), size).stream()
                        .map(pkg -> position.ecosystem() + "/" + pkg.normalized())
                        .toList())
                .toList();
    }

    @Test
    void deletedReleaseIsListedUntilItIsRestored() {
        push(NPM, "lantern", "1.0.0");
        push(NPM, "lantern", "2.0.0");
        assertTrue(dates.findRemoved(cache.id(), NPM, "lantern", "1.0.0").isEmpty());
        QuarkusTransaction.requiringNew()
                .run(() -> edits.remove(edits.lock(cache.id(), NPM, "lantern").orElseThrow(), "1.0.0", "anna"));
        assertEquals(
                "",
                dates.findRemoved(cache.id(), NPM, "lantern", "1.0.0")
                        .orElseThrow()
                        .reason());
        assertTrue(dates.findRemoved(cache.id(), NPM, "lantern", "2.0.0").isEmpty());
        assertTrue(dates.findRemoved(tables.newCache().id(), NPM, "lantern", "1.0.0")
                .isEmpty());
        assertEquals(List.of("npm lantern 2.0.0"), newest(NPM, "lantern", 50));
    }
}
