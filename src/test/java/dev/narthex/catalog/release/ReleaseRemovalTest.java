package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.spi.Artifact;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Releases and artifacts are removed when their paths no longer contain them, except for promised and owned ones. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ReleaseRemovalTest extends ReleasesSetup {

    @Test
    void releaseNoLongerFoundIsRemoved() {
        var path = recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0")
                        .named("a.tgz", "b.tgz")
                        .needing("oar"));
        recognized.record(
                cache, NPM, path, RecognitionFixture.of("lantern", "1.0.0").named("b.tgz", "c.tgz"));
        assertEquals(
                Set.of("b.tgz", "c.tgz"),
                Set.copyOf(recognized.release(cache, NPM, "lantern", "1.0.0").artifacts().stream()
                        .map(Artifact::filename)
                        .toList()));
        assertEquals(
                List.of(), recognized.release(cache, NPM, "lantern", "1.0.0").dependencies());
        long seen = tables.changes(cache.id());
        assertEquals(Set.of(), recognized.record(cache, NPM, path));
        assertEquals(Optional.empty(), packages.find(cache.id(), NPM, "lantern"));
        assertEquals(seen + 1, tables.changes(cache.id()));
        assertEquals(Set.of(), recognized.record(cache, NPM, path));
        assertEquals(seen + 1, tables.changes(cache.id()));
    }

    @Test
    void pathRecognizedAsAnotherPackageLeavesTheOldOne() {
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.record(cache, NPM, path, RecognitionFixture.of("lanterns", "2.0.0"));
        assertEquals(Optional.empty(), packages.find(cache.id(), NPM, "lantern"));
        assertTrue(recognized.release(cache, NPM, "lanterns", "2.0.0").released());
    }

    @Test
    void remainingArtifactBecomesPrimaryAndIsRecognizedAgain() {
        var old = recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("old").saying("old"));
        var fresh = recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("fresh").saying("fresh"));
        assertEquals(Set.of(old.path().hash()), recognized.record(cache, NPM, fresh));
        assertEquals(CatalogFixture.hash("old"), served("lantern").sha256());
        recognized.record(
                cache,
                NPM,
                old,
                RecognitionFixture.of("lantern", "1.0.0").holding("old").saying("old"));
        assertEquals(
                "old",
                recognized.release(cache, NPM, "lantern", "1.0.0").facts().summary());
    }

    @Test
    void releaseWithoutReleasedFilesBecomesProposed() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").proposed());
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "0.9.0"));
        var released = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("good"));
        assertEquals(Optional.of("1.0.0"), packages.defaultVersion(packageId("lantern")));
        recognized.record(cache, NPM, released);
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        assertEquals(Optional.of("0.9.0"), packages.defaultVersion(packageId("lantern")));
    }

    @Test
    void promisedFileIsNotRemoved() {
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.tell(cache, NPM, "lantern");
        var before = tables.rows(cache.id());
        recognized.record(cache, NPM, path);
        assertEquals(before, tables.rows(cache.id()));
    }

    @Test
    void ownedNameOutlivesItsReleases() {
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        tables.run("update package set owned = true where cache_id = " + cache.id());
        recognized.record(cache, NPM, path);
        assertTrue(packages.find(cache.id(), NPM, "lantern").orElseThrow().owned());
        assertEquals(Optional.empty(), packages.defaultVersion(packageId("lantern")));
        assertEquals(List.of(), packages.names(cache.id(), NPM, "", 10));
    }

    @Test
    void removalAppliesToOneCacheOnly() {
        var other = tables.newCache(cache.domainId());
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        QuarkusTransaction.requiringNew().run(() -> releases.deleteStaleArtifacts(other.id(), path.id(), Set.of()));
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.0").released());
    }
}
