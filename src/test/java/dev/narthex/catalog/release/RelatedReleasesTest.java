package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.spi.FoundArtifact.Origin;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Releases of one project in several registries, related by the paths that they came from. Relations are symmetric. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class RelatedReleasesTest {
    private static final String NIX = "nix";
    private static final String NPM = "npm";
    private static final String PYPI = "pypi";

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Inject
    SameProjectQuery links;

    @Inject
    Packages packages;

    @Inject
    Paths paths;

    @Inject
    NotOfferedReasons refusals;

    @Inject
    IndexSource rows;

    @Inject
    ChangeLog changes;

    private Cache cache;

    @BeforeEach
    void fresh() {
        cache = tables.newCache();
    }

    @Test
    void wheelInAnotherOutputOfTheBuildIsRelated() {
        var drv = drv("python3.13-oar-2.1.drv");
        output(cache, drv, "python3.13-oar", "2.1", "out");
        var dist = built(cache, "python3.13-oar-2.1-dist", drv);
        recognized.record(cache, PYPI, dist, wheel("Oar", "2.1", Origin.EXACT));
        linked("nix python3.13-oar 2.1", "pypi oar 2.1");
    }

    @Test
    void tarballDerivedFromATreeIsRelated() {
        var drv = drv("oar-2.1.drv");
        output(cache, drv, "oar", "2.1", "out");
        record(tables.push(cache, "oar-2.1.tgz"), drv.hash(), "@boat/oar", "2.1.0");
        linked("nix oar 2.1", "npm @boat/oar 2.1.0");
    }

    @Test
    void unpackedTarballWithEqualNameAndVersionIsRelated() {
        var fetch = drv("oar-2.1.0.tgz.drv");
        source("oar-2.1.0.tgz", fetch, "oar", "2.1.0");
        var drv = derivation("oar-2.1.0.drv", fetch.baseName());
        output(cache, drv, "oar", "2.1.0", "out");
        linked("nix oar 2.1.0", "npm oar 2.1.0");
    }

    @Test
    void tarballInTheStoreIsFoundWithoutItsDerivation() {
        var tarball = source("oar-2.1.0.tgz", Optional.empty(), "oar", "2.1.0");
        output(cache, derivation("oar-2.1.0.drv", tarball.path().baseName()), "oar", "2.1.0", "out");
        linked("nix oar 2.1.0", "npm oar 2.1.0");
    }

    @Test
    void treeWithoutADerivedFileNamesItsTarball() {
        var fetch = drv("oar-2.1.0.tgz.drv");
        source("oar-2.1.0.tgz", fetch, "@boat/oar", "2.1.0");
        var path = output(
                cache,
                derivation("_at_boat_slash_oar-2.1.0.drv", fetch.baseName()),
                "_at_boat_slash_oar",
                "2.1.0",
                "out");
        assertEquals(Set.of(), of(NIX, "_at_boat_slash_oar", "2.1.0"));
        var reasons = List.of(new NotOfferedReasons.Reason("@boat/oar", "2.1.0", "it is native"));
        QuarkusTransaction.requiringNew()
                .run(() -> refusals.put(
                        cache.id(), path.path().hash(), new NotOfferedReasons.PathReasons(NPM, "tgz-1", reasons)));
        linked("nix _at_boat_slash_oar 2.1.0", "npm @boat/oar 2.1.0");
    }

    @Test
    void buildInputsAreNotRelatedReleases() {
        var other = drv("mast-2.1.0.tgz.drv");
        source("mast-2.1.0.tgz", other, "mast", "2.1.0");
        var older = drv("oar-1.0.0.tgz.drv");
        source("oar-1.0.0.tgz", older, "oar", "1.0.0");
        var drv = derivation("oar-2.1.0.drv", other.baseName(), older.baseName());
        output(cache, drv, "oar", "2.1.0", "out");
        assertEquals(Set.of(), of(NIX, "oar", "2.1.0"));
        assertEquals(Set.of(), of(NPM, "mast", "2.1.0"));
        assertEquals(Set.of(), of(NPM, "oar", "1.0.0"));
    }

    @Test
    void equalNamesAloneAreNotRelated() {
        output(cache, drv("oar-2.1.0.drv"), "oar", "2.1.0", "out");
        source("oar-2.1.0.tgz", drv("oar-2.1.0.tgz.drv"), "oar", "2.1.0");
        assertEquals(Set.of(), of(NIX, "oar", "2.1.0"));
    }

    @Test
    void proposalsAndOtherCachesAreNotRelated() {
        var drv = drv("oar-2.1.drv");
        output(cache, drv, "oar", "2.1", "out");
        var dist = built(cache, "oar-2.1-dist", drv);
        recognized.record(cache, PYPI, dist, wheel("oar", "2.1", Origin.EXACT).proposed());
        var elsewhere = tables.newCache();
        recognized.record(elsewhere, PYPI, built(elsewhere, "oar-2.1-dist", drv), wheel("oar", "2.1", Origin.EXACT));
        assertEquals(Set.of(), of(NIX, "oar", "2.1"));
    }

    @Test
    void searchIsNotifiedOfRelatedPackages() {
        var drv = drv("oar-2.1.drv");
        output(cache, drv, "oar", "2.1", "out");
        long before = changes.head().seq();
        record(tables.push(cache, "oar-2.1.tgz"), drv.hash(), "oar", "2.1.0");
        var changed = rows.changes(before, 100).packageIds();
        assertEquals(Set.of(id(NIX, "oar"), id(NPM, "oar")), new HashSet<>(changed));
        var also = rows.rows(changed).stream()
                .collect(Collectors.toMap(IndexedPackage::ecosystem, IndexedPackage::alsoIn));
        assertEquals(List.of(NPM), also.get(NIX));
        assertEquals(List.of(NIX), also.get(NPM));
    }

    private long id(String ecosystem, String name) {
        return packages.find(cache.id(), ecosystem, name).orElseThrow().id();
    }

    /** Checks the relation between releases, in lists, and from the paths. */
    private void linked(String one, String other) {
        assertEquals(Set.of(other), of(one.split(" ")));
        assertEquals(Set.of(one), of(other.split(" ")));
        for (var name : List.of(one, other)) {
            var self = name.split(" ");
            var also = packages.list(cache.id(), self[0], Sort.NAME, 1)
                    .items()
                    .getFirst()
                    .alsoIn();
            assertEquals(List.of(name.equals(one) ? other.split(" ")[0] : one.split(" ")[0]), also);
            var release = recognized.release(cache, self[0], self[1], self[2]);
            for (var artifact : release.artifacts()) {
                var path = paths.find(cache.id(), artifact.path().hash()).orElseThrow();
                assertEquals(Set.of(name.equals(one) ? other : one), names(links.ofPath(cache.id(), path.id())));
            }
        }
    }

    private Set<String> of(String... release) {
        var found = recognized.release(cache, release[0], release[1], release[2]);
        return names(links.of(cache.id(), found.id()).others());
    }

    private static Set<String> names(List<PathRelease> known) {
        return known.stream()
                .map(k -> k.ecosystem() + " " + k.normalized() + " " + k.version())
                .collect(Collectors.toSet());
    }

    private static StorePath drv(String name) {
        return new StorePath(CatalogFixture.hashPart(), name);
    }

    /** Pushes a derivation. */
    private StorePath derivation(String name, String... references) {
        return tables.push(cache, name, references).path();
    }

    private PathInfo built(Cache in, String name, StorePath drv) {
        return tables.push(in, CatalogFixture.builtBy(tables.newPath(in, name, 1000, List.of()), drv));
    }

    private PathInfo output(Cache in, StorePath drv, String name, String version, String output) {
        var path = built(in, name + "-" + version, drv);
        recognized.record(in, NIX, path, RecognitionFixture.of(name, version).whole(path, output));
        return path;
    }

    private PathInfo source(String filename, StorePath drv, String name, String version) {
        return source(filename, Optional.of(drv), name, version);
    }

    /** Pushes a tarball as a fetcher stores it. */
    private PathInfo source(String filename, Optional<StorePath> drv, String name, String version) {
        var plain = tables.newPath(cache, filename, 1000, List.of());
        var path = tables.push(
                cache,
                new NewPath(
                        plain.path(),
                        plain.narId(),
                        plain.narSize(),
                        List.of(),
                        drv,
                        Optional.of(new ContentAddress.Fixed(false, CatalogFixture.hash(filename))),
                        List.of(),
                        "pushed",
                        "anna"));
        recognized.record(cache, NPM, path, RecognitionFixture.of(name, version));
        return path;
    }

    private static RecognitionFixture wheel(String name, String version, Origin origin) {
        return RecognitionFixture.of(name, version)
                .with(new RecognitionFixture.File(name + "-" + version + "-py3-none-any.whl", origin, "dist", name));
    }

    /** Pushes a file derived from the output of a build. */
    private void record(PathInfo made, String build, String name, String version) {
        var finding = RecognitionFixture.of(name, version)
                .with(new RecognitionFixture.File(name + ".tgz", Origin.DERIVED, "out", name + version));
        recognized.recordMade(cache, NPM, made, build, finding);
    }
}
