package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Page;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackageListsTest {
    private static final String NPM = "npm";

    @Inject
    Packages packages;

    @Inject
    PackageLists lists;

    @Inject
    Releases releases;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    private Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    private void push(String ecosystem, String... names) {
        for (var name : names) {
            recognized.push(
                    cache, ecosystem, RecognitionFixture.of(name, "1.0.0").named("f.tgz"));
        }
    }

    /** Exact matches first, then names with this prefix, then names with a part that has it, then all others. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "react           | react  reactor  react-dom  my-react  @types/react  preact",
                "REACT           | react  reactor  react-dom  my-react  @types/react  preact",
                "' react '       | react  reactor  react-dom  my-react  @types/react  preact",
                "react dom       | react-dom",
                "dom react       | react-dom",
                "@types/         | @types/react",
                "types react     | @types/react",
                "my_react        | my-react",
                "re%ct           | ''",
                "rea_t           | ''",
                "\\              | ''",
                "100%            | ''",
            })
    void closestNameComesFirst(String text, String expected) {
        push(NPM, "preact", "my-react", "@types/react", "react-dom", "reactor", "react", "vue");
        var found = packages.search(List.of(cache.id()), Optional.of(NPM), text, 1, 20);
        assertEquals(List.of(expected.split("  ")), orNothing(found.items()));
        assertEquals(expected.isEmpty() ? 0 : found.items().size(), found.total());
    }

    private static List<String> orNothing(List<PackageSummary> lines) {
        return lines.isEmpty() ? List.of("") : names(lines);
    }

    @Test
    void textWithoutWordsFindsAll() {
        push(NPM, "oar", "mast");
        for (var text : List.of("", "  ", "\0")) {
            assertEquals(2, search(text).total());
        }
    }

    @Test
    void hostileTextFindsNothing() {
        push(NPM, "oar");
        for (var text : List.of(
                "'; drop table package; --",
                "oar\\",
                "%",
                "_",
                "\uD800",
                "x".repeat(1_000_000),
                "oar ".repeat(1000) + "x",
                "<script>",
                "oar\u2028x")) {
            var found = search(text);
            assertTrue(found.total() <= 1, text);
        }
        assertEquals(1, search("oar\0").total());
    }

    @Test
    void onlyGivenCachesAreSearched() {
        push(NPM, "lantern");
        var other = tables.newCache();
        recognized.push(other, NPM, RecognitionFixture.of("lantern", "2.0.0"));
        recognized.push(other, "pypi", RecognitionFixture.of("lantern", "3.0"));
        assertEquals(1, search("lantern").total());
        assertEquals(
                0,
                packages.search(List.of(), Optional.empty(), "lantern", 1, 20).total());
        assertEquals(
                3,
                packages.search(List.of(cache.id(), other.id()), Optional.empty(), "lantern", 1, 20)
                        .total());
        assertEquals(
                2,
                packages.search(List.of(cache.id(), other.id()), Optional.of(NPM), "lantern", 1, 20)
                        .total());
        assertEquals(
                0,
                packages.search(List.of(cache.id()), Optional.of(""), "lanterns", 1, 20)
                        .total());
    }

    @Test
    void summaryShowsTheDefaultRelease() {
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("boat", "1.0.0").needing("oar"));
        var path = recognized.push(
                cache, NPM, RecognitionFixture.of("oar", "1.1.0").saying("wood"));
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "2.0.0-rc.1").saying("carbon"));
        var whole = RecognitionFixture.of("lib", "1.1.0").whole(path, "out").in(path, recognized.ecosystem("nix"));
        QuarkusTransaction.requiringNew().run(() -> releases.record(cache, "nix", whole));
        assertEquals(
                new PackageSummary(
                        cache.name(), NPM, "oar", "oar", "1.1.0", "wood", "MIT", path.pushedAt(), 1, 0, List.of("nix")),
                search("oar").items().getFirst());
    }

    @Test
    void listsAreSortedAsRequested() {
        recognized.push(cache, NPM, RecognitionFixture.of("b", "1.0.0").needing("c"));
        recognized.push(cache, NPM, RecognitionFixture.of("c", "1.0.0").needing("a"));
        recognized.push(cache, NPM, RecognitionFixture.of("a", "1.0.0").needing("c", "never"));
        recognized.push(cache, "pypi", RecognitionFixture.of("d", "1.0").needing("b"));
        assertEquals(List.of("a", "b", "c"), list(Sort.NAME));
        assertEquals(List.of("a", "c", "b"), list(Sort.NEWEST));
        assertEquals(List.of("c", "a", "b"), list(Sort.DEPENDENTS));
        assertEquals(List.of("c", "a"), names(packages.mostDepended(List.of(cache.id()), 1 + 1)));
        assertEquals(List.of("d", "a", "c", "b"), names(packages.newest(List.of(cache.id()), 10)));
        assertEquals(List.of(), packages.newest(List.of(), 10));
        assertEquals(List.of(), packages.mostDepended(List.of(tables.newCache().id()), 10));
    }

    @Test
    void newestReleaseOfAPackageIsShownOnce() {
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "2.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("boat", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.1"));
        recognized.push(cache, NPM, RecognitionFixture.of("mast", "1.0.0").proposed());
        var newest = packages.newest(List.of(cache.id()), 10);
        assertEquals(List.of("oar", "boat"), names(newest));
        assertEquals("1.0.1", newest.getFirst().version());
        assertEquals(1, packages.newest(List.of(cache.id()), 1).size());
    }

    @Test
    void slowResultIsCached() {
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("boat", "1.0.0").needing("oar"));
        var popular = new MostDependedUpon(lists, Duration.ZERO);
        assertEquals(List.of("oar"), names(popular.lines(List.of(cache.id()), 5)));
        assertEquals(
                0,
                RecordingDriver.of(() -> popular.lines(List.of(cache.id()), 5)).size());
        assertEquals(List.of(), popular.lines(List.of(tables.newCache().id()), 5));
    }

    @Test
    void longListsArePaged() {
        for (int i = 0; i < 45; i++) {
            push(NPM, "oar-%02d".formatted(i));
        }
        var first = packages.list(cache.id(), NPM, Sort.NAME, 1);
        assertEquals(45, first.total());
        assertEquals(20, first.items().size());
        assertTrue(first.hasNext());
        var third = packages.list(cache.id(), NPM, Sort.NAME, 3);
        assertEquals(List.of("oar-40", "oar-41", "oar-42", "oar-43", "oar-44"), names(third.items()));
        assertFalse(third.hasNext());
        assertEquals(List.of(), packages.list(cache.id(), NPM, Sort.NAME, 4).items());
        assertEquals(
                1, packages.list(cache.id(), NPM, Sort.NAME, Integer.MIN_VALUE).page());
        assertEquals(
                1000,
                packages.list(cache.id(), NPM, Sort.NAME, Integer.MAX_VALUE).page());
        var searched = packages.search(List.of(cache.id()), Optional.of(NPM), "oar", 5, 10);
        assertEquals(45, searched.total());
        assertEquals(5, searched.items().size());
    }

    private Page<PackageSummary> search(String text) {
        return packages.search(List.of(cache.id()), Optional.empty(), text, 1, 20);
    }

    private List<String> list(Sort sort) {
        return names(packages.list(cache.id(), NPM, sort, 1).items());
    }

    private static List<String> names(List<PackageSummary> lines) {
        return lines.stream().map(PackageSummary::name).toList();
    }
}
