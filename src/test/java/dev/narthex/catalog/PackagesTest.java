package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Stock.Recording;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Facts;
import dev.narthex.spi.FoundArtifact.Origin;
import dev.narthex.spi.Registry.PackageName;
import dev.narthex.spi.ReleaseView;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackagesTest {
    @Inject
    Packages packages;

    @Inject
    PackageLists lists;

    @Inject
    Caches caches;

    @Inject
    Paths paths;

    @Inject
    Stock stock;

    @Inject
    Sql sql;

    private long id(Cache cache, String name) {
        return packages.find(cache.id(), "npm", name).orElseThrow().id();
    }

    private List<String> search(Cache cache, String text) {
        return packages.search(List.of(cache.id()), Optional.empty(), text, 1, 50).items().stream()
                .map(PackageLine::name)
                .toList();
    }

    private void tag(Cache cache, String name, String tag, String version) {
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change("""
                        insert into tag (package_id, name, release_id)
                        select :package, :tag, r.id from release r where r.package_id = :package and r.version = :version""", Map.of("package", id(cache, name), "tag", tag, "version", version)));
    }

    @Test
    void theDefaultIsTheNewestThatIsReleasedAndNoPrerelease() {
        var cache = stock.cache();
        stock.release(
                cache,
                new Recording(stock.path(cache, "p4"), "lantern", "4.0")
                        .proposed()
                        .recorded());
        assertEquals(Optional.of("4.0"), packages.defaultVersion(id(cache, "lantern")));
        stock.released(cache, "lantern", "3.0-rc");
        assertEquals(Optional.of("3.0-rc"), packages.defaultVersion(id(cache, "lantern")));
        stock.released(cache, "lantern", "1.0");
        stock.released(cache, "lantern", "2.0");
        assertEquals(Optional.of("2.0"), packages.defaultVersion(id(cache, "lantern")));
        assertEquals(
                List.of("4.0", "3.0-rc", "2.0", "1.0"),
                packages.releases(id(cache, "lantern"), 10).stream()
                        .map(ReleaseLine::version)
                        .toList());
        assertEquals(Optional.empty(), packages.defaultVersion(Long.MAX_VALUE));
    }

    @Test
    void tagsAndLatestAreVersions() {
        var cache = stock.cache();
        stock.released(cache, "lantern", "1.0");
        stock.released(cache, "lantern", "2.0");
        var id = id(cache, "lantern");
        assertEquals(Optional.of("2.0"), packages.resolve(id, "latest"));
        tag(cache, "lantern", "latest", "1.0");
        tag(cache, "lantern", "2.0", "1.0");
        assertEquals(Optional.of("1.0"), packages.resolve(id, "latest"));
        assertEquals(Optional.of("2.0"), packages.resolve(id, "2.0"));
        assertEquals(Optional.of("1.0"), packages.resolve(id, "1.0\0"));
        assertEquals(Optional.empty(), packages.resolve(id, "next"));
        assertEquals(
                Map.of("latest", "1.0", "2.0", "1.0"),
                packages.served(cache, "npm", "lantern").orElseThrow().tags());
        assertEquals(
                List.of("2.0", "latest"), packages.releases(id, 10).getLast().tags());
    }

    @Test
    void aRegistryServesWhatIsReleasedNewestFirst() {
        var cache = stock.cache();
        stock.released(cache, "lantern", "1.0", Stock.needs("oil"));
        stock.released(cache, "lantern", "2.0");
        stock.release(
                cache,
                new Recording(stock.path(cache, "p"), "lantern", "3.0")
                        .proposed()
                        .recorded());
        stock.release(
                cache,
                new Recording(stock.path(cache, "alt"), "lantern", "2.0")
                        .from(Origin.PATH)
                        .recorded());
        stock.release(
                cache,
                new Recording(stock.path(cache, "docs"), "lantern", "2.0")
                        .named("docs.zip")
                        .recorded());
        var served = packages.served(cache, "npm", "lantern").orElseThrow();
        assertEquals(
                List.of("2.0", "1.0"),
                served.releases().stream().map(ReleaseView::version).toList());
        assertEquals(
                List.of("docs.zip", "lantern-2.0.tgz"),
                served.releases().getFirst().artifacts().stream()
                        .map(a -> a.filename())
                        .toList());
        assertEquals(List.of(Stock.needs("oil")), served.releases().getLast().dependencies());
        assertEquals("MIT", served.releases().getFirst().facts().licence());
        assertEquals(Optional.empty(), served.releases().getFirst().facts().readme());
        assertEquals("{\"name\":\"x\"}", served.releases().getFirst().facts().manifest());
        assertTrue(packages.served(cache, "pypi", "lantern").isEmpty());
        assertTrue(packages.served(stock.cache(), "npm", "lantern").isEmpty());
    }

    @Test
    void aReleaseHasItsSizeAndPathInTheListOfVersions() {
        var cache = stock.cache();
        var path = stock.released(cache, "lantern", "1.0");
        var line = packages.releases(id(cache, "lantern"), 10).getFirst();
        assertEquals(904, line.size());
        assertEquals(path.path().hash(), line.mainPath());
        assertEquals(Optional.of("lena"), line.publishedBy());
        assertEquals("MIT", line.licence());
    }

    @Test
    void searchFindsTheWholeNameThenBeginningsThenParts() {
        var cache = stock.cache();
        for (var name :
                List.of("unreact", "create-react-app", "react-dom", "React", "@types/react", "preact-lib", "vue")) {
            stock.released(cache, name, "1.0");
        }
        stock.release(
                cache,
                new Recording(stock.path(cache, "p"), "react-proposed", "1.0")
                        .proposed()
                        .recorded());
        assertEquals(
                List.of("React", "react-dom", "@types/react", "create-react-app", "unreact", "preact-lib"),
                search(cache, "react"));
        assertEquals(List.of("create-react-app"), search(cache, "  APP\tcreate "));
        assertEquals(List.of("react-dom"), search(cache, "react_dom"));
        assertEquals(7, search(cache, "").size());
        var other = stock.cache();
        stock.released(other, "react", "1.0");
        assertEquals(6, search(cache, "react").size());
        assertEquals(
                List.of(other.name()),
                packages.search(List.of(cache.id(), other.id()), Optional.of("npm"), "react", 1, 50).items().stream()
                        .map(PackageLine::cache)
                        .filter(other.name()::equals)
                        .toList());
        assertEquals(
                0, packages.search(List.of(), Optional.empty(), "react", 1, 50).total());
        assertEquals(
                0,
                packages.search(List.of(cache.id()), Optional.of("pypi"), "react", 1, 50)
                        .total());
    }

    @Test
    void searchTakesAnyTextLiterally() {
        var cache = stock.cache();
        stock.released(cache, "a%b", "1.0");
        stock.released(cache, "a_b", "1.0");
        stock.released(cache, "axb", "1.0");
        assertEquals(List.of("a%b"), search(cache, "a%b"));
        assertEquals(List.of("a_b"), search(cache, "a_b"));
        assertEquals(List.of(), search(cache, "\\"));
        assertEquals(List.of("axb"), search(cache, "\0axb\0"));
        assertEquals(List.of(), search(cache, "'; drop table package; --"));
        assertEquals(List.of(), search(cache, "x".repeat(1 << 20)));
        assertEquals(List.of(), search(cache, ":caches ? $1 {0}"));
    }

    @Test
    void searchComesByPage() {
        var cache = stock.cache();
        for (int i = 10; i < 15; i++) {
            stock.released(cache, "lamp-" + i, "1.0");
        }
        var page = packages.search(List.of(cache.id()), Optional.empty(), "lamp", 2, 2);
        assertEquals(5, page.total());
        assertEquals(
                List.of("lamp-12", "lamp-13"),
                page.items().stream().map(PackageLine::name).toList());
        assertTrue(page.hasNext());
        assertFalse(packages.search(List.of(cache.id()), Optional.empty(), "lamp", 3, 2)
                .hasNext());
        assertEquals(
                0,
                packages.search(List.of(cache.id()), Optional.empty(), "lamp", 99, 2)
                        .items()
                        .size());
        assertEquals(
                2,
                packages.search(List.of(cache.id()), Optional.empty(), "lamp", -1, 2)
                        .items()
                        .size());
    }

    @Test
    void aLineShowsTheDefaultReleaseAndWhoElseServesThePath() {
        var cache = stock.cache();
        var path = stock.released(cache, "lantern", "1.0");
        stock.release(
                cache,
                "nix",
                new Recording(path, "lantern", "1.0").from(Origin.PATH).recorded());
        stock.release(
                cache,
                new Recording(stock.path(cache, "rc"), "lantern", "2.0-rc")
                        .with(Stock.facts("beta"))
                        .recorded());
        stock.released(cache, "app", "1.0", Stock.needs("lantern"));
        stock.released(cache, "app", "1.1", Stock.needs("lantern"));
        var line = packages.list(cache.id(), "npm", Sort.NAME, 1).items().getLast();
        assertEquals("1.0", line.version());
        assertEquals("A lantern", line.summary());
        assertEquals(1, line.dependents());
        assertEquals(List.of("nix"), line.alsoIn());
        assertEquals(cache.name(), line.cache());
        assertEquals(
                List.of(
                        new KnownAs("nix", "lantern", "lantern", "1.0", true),
                        new KnownAs("npm", "lantern", "lantern", "1.0", true)),
                paths.knownAs(cache.id(), path.id()).reversed().stream()
                        .sorted(Comparator.comparing(KnownAs::ecosystem))
                        .toList());
        assertEquals(Map.of("npm", 2L, "nix", 1L), caches.counts(cache.id()).packagesByEcosystem());
    }

    @Test
    void listsAreSorted() {
        var cache = stock.cache();
        stock.released(cache, "old", "1.0");
        stock.released(cache, "needy", "1.0", Stock.needs("old"), Stock.needs("outside"));
        stock.released(cache, "also", "1.0", Stock.needs("old"));
        stock.released(cache, "B", "1.0");
        assertEquals(
                List.of("also", "B", "needy", "old"),
                names(packages.list(cache.id(), "npm", Sort.NAME, 1).items()));
        assertEquals(
                List.of("B", "also", "needy", "old"),
                names(packages.list(cache.id(), "npm", Sort.NEWEST, 1).items()));
        assertEquals(
                List.of("old", "also", "B", "needy"),
                names(packages.list(cache.id(), "npm", Sort.DEPENDENTS, 1).items()));
        assertEquals(4, packages.list(cache.id(), "npm", Sort.DEPENDENTS, 1).total());
        assertEquals(List.of("B", "also"), names(packages.newest(List.of(cache.id()), 2)));
        assertEquals(List.of("old"), names(packages.mostDepended(List.of(cache.id()), 5)));
        assertEquals(List.of(), packages.newest(List.of(), 5));
        assertEquals(List.of(), packages.mostDepended(List.of(), 5));
    }

    @Test
    void anAnswerThatTookLongIsKept() {
        var cache = stock.cache();
        stock.released(cache, "lantern", "1.0");
        stock.released(cache, "app", "1.0", Stock.needs("lantern"));
        var popular = new Popular(lists, Duration.ZERO);
        var first = popular.lines(List.of(cache.id()), 5);
        assertEquals(List.of("lantern"), names(first));
        assertEquals(
                0, Statements.of(() -> popular.lines(List.of(cache.id()), 5)).size());
        assertEquals(List.of(), popular.lines(List.of(stock.cache().id()), 5));
    }

    private static List<String> names(List<PackageLine> lines) {
        return lines.stream().map(PackageLine::name).toList();
    }

    @Test
    void dependentsAreCountedOncePerPackage() {
        var cache = stock.cache();
        stock.released(cache, "app", "1.0", Stock.needs("lantern"));
        stock.released(cache, "app", "2.0", Stock.needs("lantern"), Stock.needs("lantern"));
        stock.released(cache, "bin", "1.0", Stock.needs("lantern"));
        stock.released(stock.cache(), "elsewhere", "1.0", Stock.needs("lantern"));
        stock.release(
                cache,
                new Recording(stock.path(cache, "p"), "maybe", "1.0")
                        .with(Stock.needs("lantern"))
                        .proposed()
                        .recorded());
        assertEquals(2, packages.dependentCount(cache.id(), "npm", "lantern"));
        assertEquals(
                List.of(
                        new Dependent("app", "app", "2.0", "^1.0", "runtime"),
                        new Dependent("bin", "bin", "1.0", "^1.0", "runtime")),
                packages.dependents(cache.id(), "npm", "lantern", 1).items());
        assertEquals(2, packages.dependents(cache.id(), "npm", "lantern", 1).total());
        assertEquals(0, packages.dependentCount(cache.id(), "pypi", "lantern"));
    }

    @Test
    void presentNamesThoseOfThisCache() {
        var cache = stock.cache();
        stock.released(cache, "lantern", "1.0");
        assertEquals(
                Set.of("lantern"), packages.present(cache.id(), "npm", List.of("lantern", "oil", "a\0", "lantern")));
        assertEquals(Set.of(), packages.present(stock.cache().id(), "npm", List.of("lantern")));
        assertEquals(Set.of(), packages.present(cache.id(), "npm", List.of()));
    }

    @Test
    void namesComeInByteOrder() {
        var cache = stock.cache();
        for (var name : List.of("b", "a-b", "a", "Zed", "ab", "é")) {
            stock.released(cache, name, "1.0");
        }
        stock.release(
                cache,
                new Recording(stock.path(cache, "p"), "aa", "1.0").proposed().recorded());
        assertEquals(
                List.of(new PackageName("a", "a"), new PackageName("a-b", "a-b")),
                packages.names(cache.id(), "npm", "", 2));
        assertEquals(
                List.of("ab", "b", "Zed", "é"),
                packages.names(cache.id(), "npm", "a-b", 10).stream()
                        .map(PackageName::name)
                        .toList());
    }

    @Test
    void factsOfAnOlderVersionAreStillRead() {
        var facts = Json.read("{\"summary\":\"Old\",\"people\":null,\"unheard\":1}", Facts.class);
        assertEquals("Old", facts.summary());
        assertEquals("", facts.licence());
        assertEquals(List.of(), facts.people());
        assertEquals(List.of(), facts.vulnerabilities());
        assertEquals(Optional.empty(), facts.readme());
    }

    @Test
    void readsOfAPackageThatIsNotThereAreEmpty() {
        var cache = stock.cache();
        assertTrue(packages.find(cache.id(), "npm", "\0").isEmpty());
        assertTrue(packages.release(cache, "npm", "none", "1.0").isEmpty());
        assertTrue(packages.file(cache.id(), "npm", "none", "x".repeat(1 << 20)).isEmpty());
        assertThrows(IllegalStateException.class, () -> Json.read("{", Facts.class));
    }
}
