package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.spi.FoundArtifact.Origin;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Vulnerabilities in the metadata of a build apply to the files that registries serve. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class VulnerableReleasesTest {
    private static final String NPM = "npm";
    private static final String NIX = "nix";

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Inject
    VulnerabilityQuery vulnerable;

    @Inject
    SameProjectQuery links;

    private Cache cache;

    @BeforeEach
    void fresh() {
        cache = tables.newCache();
    }

    @Test
    void releaseWithItsOwnMetadataIsFound() {
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.10.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.2.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("mast", "1.0.0"));
        assertEquals(List.of(), found(NPM));
        know(cache, NPM, "oar", "1.10.0", "CVE-1", "CVE-2");
        know(cache, NPM, "oar", "1.2.0", "CVE-1");
        assertEquals(List.of("oar 1.2.0 [CVE-1]", "oar 1.10.0 [CVE-1, CVE-2]"), found(NPM));
        assertEquals(List.of(), found("pypi"));
    }

    @Test
    void vulnerabilitiesOfABuildApplyToItsTarballAndDerivedFiles() {
        var tarball = source("oar-2.1.0.tgz", "oar", "2.1.0");
        var drv = tables.push(cache, "oar-2.1.0.drv", tarball.path().baseName()).path();
        var output =
                tables.push(cache, CatalogFixture.builtBy(tables.newPath(cache, "oar-2.1.0", 1000, List.of()), drv));
        recognized.record(
                cache, NIX, output, RecognitionFixture.of("oar", "2.1.0").whole(output, "out"));
        recognized.recordMade(
                cache,
                NPM,
                tables.push(cache, "sail-1.0.0.tgz"),
                drv.hash(),
                RecognitionFixture.of("sail", "1.0.0")
                        .with(new RecognitionFixture.File("sail.tgz", Origin.DERIVED, "out", "sail")));
        source("mast-2.1.0.tgz", "mast", "2.1.0");
        assertEquals(List.of(), of(NPM, "oar", "2.1.0"));
        know(cache, NIX, "oar", "2.1.0", "CVE-3");
        assertEquals(List.of("oar 2.1.0 [CVE-3]", "sail 1.0.0 [CVE-3]"), found(NPM));
        assertEquals(List.of("CVE-3"), of(NPM, "oar", "2.1.0"));
        assertEquals(List.of("CVE-3"), of(NPM, "sail", "1.0.0"));
        assertEquals(List.of("CVE-3"), of(NIX, "oar", "2.1.0"));
        assertEquals(List.of(), of(NPM, "mast", "2.1.0"));
        know(cache, NPM, "oar", "2.1.0", "CVE-3", "CVE-4");
        assertEquals(List.of("oar 2.1.0 [CVE-3, CVE-4]", "sail 1.0.0 [CVE-3]"), found(NPM));
    }

    @Test
    void proposalsAndOtherCachesAreNotReported() {
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.0").proposed());
        know(cache, NPM, "oar", "1.0.0", "CVE-1");
        assertEquals(List.of("CVE-1"), of(NPM, "oar", "1.0.0"));
        var other = tables.newCache();
        recognized.push(other, NPM, RecognitionFixture.of("oar", "1.0.0"));
        know(other, NPM, "oar", "1.0.0", "CVE-1");
        assertEquals(List.of(), found(NPM));
    }

    private List<String> found(String ecosystem) {
        return vulnerable.releases(cache.id(), ecosystem, 100).stream()
                .map(v -> v.normalized() + " " + v.version() + " " + v.vulnerabilities())
                .toList();
    }

    private List<String> of(String ecosystem, String name, String version) {
        var release = recognized.release(cache, ecosystem, name, version);
        return links.of(cache.id(), release.id())
                .vulnerabilitiesWith(release.facts().vulnerabilities());
    }

    private void know(Cache in, String ecosystem, String name, String version, String... vulnerabilities) {
        tables.run("""
                update release r set facts = r.facts || '{"vulnerabilities": ["%s"]}' from package p
                where p.id = r.package_id and p.cache_id = %d and p.ecosystem = '%s' and p.normalized = '%s'
                  and r.version = '%s'""".formatted(String.join("\", \"", vulnerabilities), in.id(), ecosystem, name, version));
    }

    /** Pushes a tarball as a fetcher stores it. */
    private PathInfo source(String filename, String name, String version) {
        var plain = tables.newPath(cache, filename, 1000, List.of());
        var fetcher = new StorePath(CatalogFixture.hashPart(), filename + ".drv");
        var path = tables.push(
                cache,
                new NewPath(
                        plain.path(),
                        plain.narId(),
                        plain.narSize(),
                        List.of(),
                        Optional.of(fetcher),
                        Optional.of(new ContentAddress.Fixed(false, CatalogFixture.hash(filename))),
                        List.of(),
                        "pushed",
                        "anna"));
        recognized.record(cache, NPM, path, RecognitionFixture.of(name, version));
        return path;
    }
}
