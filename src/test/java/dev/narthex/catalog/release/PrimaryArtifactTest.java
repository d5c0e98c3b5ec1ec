package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.spi.Artifact;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The primary artifact of a release follows exactness, age and promises. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PrimaryArtifactTest extends ReleasesSetup {

    @Test
    void exactFileReplacesDerivedFileAndItsFacts() {
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("derived").saying("derived"));
        derived();
        assertEquals(CatalogFixture.hash("derived"), served("lantern").sha256());
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("exact").saying("exact"));
        assertEquals(CatalogFixture.hash("exact"), served("lantern").sha256());
        assertEquals(
                "exact",
                recognized.release(cache, NPM, "lantern", "1.0.0").facts().summary());
    }

    @Test
    void promisedFileKeepsItsFacts() {
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0")
                        .holding("derived")
                        .saying("derived")
                        .needing("oar"));
        derived();
        recognized.tell(cache, NPM, "lantern");
        var exact = recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0")
                        .holding("exact")
                        .saying("exact")
                        .needing("mast"));
        assertEquals(CatalogFixture.hash("derived"), served("lantern").sha256());
        var release = recognized.release(cache, NPM, "lantern", "1.0.0");
        assertEquals("derived", release.facts().summary());
        assertEquals("oar", release.dependencies().getFirst().name());
        assertEquals(2, release.artifacts().size());
        assertEquals(
                1,
                packages.findPublished(cache, NPM, "lantern")
                        .orElseThrow()
                        .releases()
                        .getFirst()
                        .artifacts()
                        .size());
        recognized.record(cache, NPM, exact);
        assertEquals(
                1,
                recognized.release(cache, NPM, "lantern", "1.0.0").artifacts().size());
    }

    private void derived() {
        tables.run(
                "update artifact set origin = 'derived' where release_id in (select r.id from release r join package p"
                        + " on p.id = r.package_id where p.cache_id = " + cache.id() + ")");
    }

    @Test
    void newestBuildOfANixReleaseIsShown() {
        var old = recognized.pushOutput(
                cache, RecognitionFixture.of("hello", "2.12").saying("old"), "out");
        assertEquals(old.path().hash(), mainPath());
        var fresh = recognized.pushOutput(
                cache, RecognitionFixture.of("hello", "2.12").saying("fresh"), "out");
        assertEquals(fresh.path().hash(), mainPath());
        assertEquals(
                "fresh", recognized.release(cache, NIX, "hello", "2.12").facts().summary());
        recognized.record(
                cache,
                NIX,
                old,
                RecognitionFixture.of("hello", "2.12").saying("old again").whole(old, "out"));
        assertEquals(
                "fresh", recognized.release(cache, NIX, "hello", "2.12").facts().summary());
        assertEquals(fresh.path().hash(), mainPath());
        assertEquals(
                old.pushedAt(), recognized.release(cache, NIX, "hello", "2.12").publishedAt());
    }

    @Test
    void laterDevOutputDoesNotBecomePrimary() {
        var out = recognized.pushOutput(
                cache, RecognitionFixture.of("hello", "2.12").saying("program"), "out");
        var dev = recognized.pushOutput(
                cache, RecognitionFixture.of("hello", "2.12").saying("headers"), "dev");
        assertEquals(out.path().hash(), mainPath());
        assertEquals(
                "program",
                recognized.release(cache, NIX, "hello", "2.12").facts().summary());
        recognized.record(cache, NIX, out);
        assertEquals(dev.path().hash(), mainPath());
    }

    private String mainPath() {
        var found = packages.find(cache.id(), NIX, "hello").orElseThrow();
        return packages.releases(found.id(), 10).getFirst().mainPath();
    }

    @Test
    void repeatedPromiseWritesNothing() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        var ids = recognized.tell(cache, NPM, "lantern").releases().getFirst().artifacts().stream()
                .map(Artifact::id)
                .toList();
        var before = tables.rows(cache.id());
        assertTrue(releases.promise(ids));
        assertTrue(releases.promise(List.of()));
        assertFalse(releases.promise(List.of(-1L)));
        assertEquals(before, tables.rows(cache.id()));
    }

    @Test
    void onlyTheServedFileIsPromised() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("old"));
        long old = served("lantern").id();
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("fresh"));
        assertFalse(releases.promise(List.of(old)));
        long fresh = served("lantern").id();
        assertTrue(releases.promise(List.of(fresh)));
        assertFalse(releases.promise(List.of(old, fresh)));
        assertEquals(fresh, served("lantern").id());
    }
}
