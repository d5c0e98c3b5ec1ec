package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecognitionFixture.File;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.FoundArtifact.Origin;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ReleasesTest {
    private static final String NPM = "npm";
    private static final String NIX = "nix";

    @Inject
    Releases releases;

    @Inject
    Packages packages;

    @Inject
    Paths paths;

    @Inject
    ChangeLog changes;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    private Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    @Test
    void foundReleaseIsStored() {
        var path = recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "3.2.1").saying("light").needing("oar", "mast"));
        var release = recognized.release(cache, NPM, "lantern", "3.2.1");
        assertTrue(release.released());
        assertEquals("light", release.facts().summary());
        assertEquals("MIT", release.facts().licence());
        assertEquals("{\"name\": \"lantern\"}", release.facts().manifest());
        assertEquals(path.pushedAt(), release.publishedAt());
        assertEquals(
                List.of(
                        new Dependency("oar", "oar", "^1.0", "runtime"),
                        new Dependency("mast", "mast", "^1.0", "runtime")),
                release.dependencies());
        var artifact = release.artifacts().getFirst();
        assertEquals("lantern-3.2.1.tgz", artifact.filename());
        assertEquals(path.path(), artifact.path());
        assertEquals(CatalogFixture.hash("lantern3.2.1"), artifact.sha256());
        assertEquals(96, artifact.offset());
        assertTrue(artifact.sha512().isPresent());
        assertFalse(artifact.sha1().isPresent());
        assertEquals(
                List.of(new PathRelease(NPM, "lantern", "lantern", "3.2.1", true)),
                paths.releasesOf(cache.id(), path.id()));
        assertEquals(Optional.empty(), packages.release(tables.newCache(), NPM, "lantern", "3.2.1"));
    }

    @Test
    void recognizingAgainChangesNothing() {
        var finding =
                RecognitionFixture.of("lantern", "3.2.1").needing("oar", "mast").saying("light");
        var path = recognized.push(cache, NPM, finding);
        var before = tables.rows(cache.id());
        recognized.record(cache, NPM, path, finding);
        assertEquals(before, tables.rows(cache.id()));
        recognized.tell(cache, NPM, "lantern");
        var promised = tables.rows(cache.id());
        recognized.record(cache, NPM, path, finding);
        assertEquals(promised, tables.rows(cache.id()));
    }

    @Test
    void recognizingHostileTextAgainChangesNothing() {
        var odd = new Dependency("oar", "oar", "\0\uD800<b>%s\uDC80" + "x".repeat(1_000_000), "dev\0");
        var finding = RecognitionFixture.of("lantern", "1.0.0")
                .saying("\\u0000 \0 \uDFFF \uD83D\uDE00 </script>")
                .needing(odd, new Dependency("a\0b", "a\0b", "", ""), new Dependency("c\uD800", "c\uD800", "", ""))
                .with(new File("lantern-1.0.0.tgz", Origin.EXACT, "o\0ut\uD800", "x"));
        var path = recognized.push(cache, NPM, finding);
        var before = tables.rows(cache.id());
        recognized.record(cache, NPM, path, finding);
        assertEquals(before, tables.rows(cache.id()));
        var release = recognized.release(cache, NPM, "lantern", "1.0.0");
        assertEquals("\\u0000  \uFFFD \uD83D\uDE00 </script>", release.facts().summary());
        assertEquals(1, release.dependencies().size());
        assertTrue(release.dependencies().getFirst().range().startsWith("\uFFFD<b>%s\uFFFDx"));
    }

    @Test
    void aNewerRecognizerRefreshesFactsAndAnOlderOneDoesNot() {
        var path = tables.push(cache, "lib");
        recordBy(
                2, path, RecognitionFixture.of("lantern", "1.0.0").saying("two").needing("oar"));
        recordBy(
                3,
                path,
                RecognitionFixture.of("lantern", "1.0.0").saying("three").needing("mast"));
        recordBy(
                2, path, RecognitionFixture.of("lantern", "1.0.0").saying("two").needing("oar"));
        var release = recognized.release(cache, NPM, "lantern", "1.0.0");
        assertEquals("three", release.facts().summary());
        assertEquals("mast", release.dependencies().getFirst().name());
    }

    private void recordBy(int recognizer, PathInfo path, RecognitionFixture finding) {
        var release = finding.in(path, recognized.ecosystem(NPM), recognizer);
        QuarkusTransaction.requiringNew().run(() -> releases.record(cache, NPM, release));
    }

    @Test
    void namesThatCannotBeKeptAreRefused() {
        var path = tables.push(cache, "odd");
        for (var name : List.of("", "a\0", "a\uD800", "x".repeat(501))) {
            assertThrows(
                    ProblemException.class,
                    () -> RecognitionFixture.of(name, "1").in(path, recognized.ecosystem(NIX)));
            assertThrows(
                    ProblemException.class,
                    () -> RecognitionFixture.of("a", "1").named(name).in(path, recognized.ecosystem(NIX)));
        }
        var none = RecognitionFixture.of("a", "1").with();
        assertThrows(IllegalArgumentException.class, () -> none.in(path, recognized.ecosystem(NIX)));
    }

    @Test
    void aVeryLongManifestIsCut() {
        var many = IntStream.range(0, 12_000)
                .mapToObj(i -> new Dependency("d" + i, "d" + i, "", "runtime"))
                .toArray(Dependency[]::new);
        var finding = RecognitionFixture.of("lantern", "1.0.0").needing(many);
        var path = recognized.push(cache, NPM, finding);
        assertEquals(
                10_000,
                recognized
                        .release(cache, NPM, "lantern", "1.0.0")
                        .dependencies()
                        .size());
        long seen = tables.changes(cache.id());
        recognized.record(cache, NPM, path, finding);
        assertEquals(seen, tables.changes(cache.id()));
    }

    @Test
    void unauthorizedPushOnlyProposes() {
        var path = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").proposed());
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        assertEquals(Optional.empty(), packages.findPublished(cache, NPM, "lantern"));
        assertEquals(Optional.empty(), packages.file(cache.id(), NPM, "lantern", "lantern-1.0.0.tgz"));
        assertEquals(0, packages.list(cache.id(), NPM, Sort.NAME, 1).total());
        assertEquals(List.of(), packages.names(cache.id(), NPM, "", 10));
        assertEquals(
                0,
                packages.search(List.of(cache.id()), Optional.empty(), "lantern", 1, 20)
                        .total());
        assertEquals(Optional.of("1.0.0"), packages.defaultVersion(packageId("lantern")));
        assertEquals(
                List.of(new PathRelease(NPM, "lantern", "lantern", "1.0.0", false)),
                paths.releasesOf(cache.id(), path.id()));
        var proposed = recognized
                .release(cache, NPM, "lantern", "1.0.0")
                .artifacts()
                .getFirst()
                .id();
        assertFalse(releases.promise(List.of(proposed)));
    }

    @Test
    void aReleasedFileIsNotTakenBackByAnotherPush() {
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.record(
                cache, NPM, path, RecognitionFixture.of("lantern", "1.0.0").proposed());
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("other").proposed());
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        assertEquals(CatalogFixture.hash("lantern1.0.0"), served("lantern").sha256());
    }

    @Test
    void aReleaseIsReleasedWhenOneOfItsFilesIs() {
        var proposed = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").proposed().saying("not yet"));
        var released = recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("good").saying("good"));
        var release = recognized.release(cache, NPM, "lantern", "1.0.0");
        assertTrue(release.released());
        assertEquals("good", release.facts().summary());
        assertEquals(released.pushedAt(), release.publishedAt());
        assertEquals(
                List.of(true, false),
                release.artifacts().stream().map(Artifact::released).toList());
        assertEquals(CatalogFixture.hash("good"), served("lantern").sha256());
        recognized.record(
                cache, NPM, proposed, RecognitionFixture.of("lantern", "1.0.0").saying("late"));
        assertEquals(
                proposed.pushedAt(),
                recognized.release(cache, NPM, "lantern", "1.0.0").publishedAt());
    }

    @Test
    void aDeletedReleaseIsOnlyProposedAgain() {
        bury("lantern", "1.0.0", "", "null");
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.1"));
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.1").released());
    }

    @Test
    void aDeletedFileNameTakesTheSameBytesOnly() {
        bury(
                "lantern",
                "1.0.0",
                "lantern-1.0.0.tgz",
                "'\\x" + CatalogFixture.hash("old").hex() + "'");
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("new"));
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("old"));
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        assertEquals(CatalogFixture.hash("old"), served("lantern").sha256());
    }

    private void bury(String name, String version, String filename, String sha256) {
        tables.run(
                "insert into tombstone (cache_id, ecosystem, normalised, version, filename, sha256) values (%d, 'npm', '%s', '%s', '%s', %s)"
                        .formatted(cache.id(), name, version, filename, sha256));
    }

    @Test
    void anExactFileTakesThePlaceOfADerivedOneAndBringsItsFacts() {
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
    void aPromisedFileStaysWithItsFacts() {
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
    void theNewestBuildOfANixReleaseIsShown() {
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
    void headersThatArePushedLaterDoNotLead() {
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
    void aPathThatIsAnotherPackageNowLeavesTheOld() {
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
    void aReleaseWithoutReleasedFilesIsProposedAgain() {
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
    void promisedFileIsNotForgotten() {
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.tell(cache, NPM, "lantern");
        var before = tables.rows(cache.id());
        recognized.record(cache, NPM, path);
        assertEquals(before, tables.rows(cache.id()));
    }

    @Test
    void anOwnedNameStaysWhenItsReleasesGo() {
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        tables.run("update package set owned = true where cache_id = " + cache.id());
        recognized.record(cache, NPM, path);
        assertTrue(packages.find(cache.id(), NPM, "lantern").orElseThrow().owned());
        assertEquals(Optional.empty(), packages.defaultVersion(packageId("lantern")));
        assertEquals(List.of(), packages.names(cache.id(), NPM, "", 10));
    }

    @Test
    void forgettingStaysInsideTheCache() {
        var other = tables.newCache(cache.domainId());
        var path = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        QuarkusTransaction.requiringNew().run(() -> releases.deleteStaleArtifacts(other.id(), path.id(), Set.of()));
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.0").released());
    }

    @Test
    void aPromiseIsKeptOnceWithoutWriting() {
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
    void onlyTheFileThatIsServedIsPromised() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("old"));
        long old = served("lantern").id();
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("fresh"));
        assertFalse(releases.promise(List.of(old)));
        long fresh = served("lantern").id();
        assertTrue(releases.promise(List.of(fresh)));
        assertFalse(releases.promise(List.of(old, fresh)));
        assertEquals(fresh, served("lantern").id());
    }

    @Test
    void theRevisionGrowsWithChangesOnly() {
        var finding = RecognitionFixture.of("lantern", "1.0.0");
        var path = recognized.push(cache, NPM, finding);
        var before = changes.revision();
        recognized.record(cache, NPM, path, finding);
        QuarkusTransaction.requiringNew().run(() -> {
            changes.append(
                    cache.id(),
                    "path",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(path.path().hash()));
            changes.append(
                    cache.id(),
                    "path",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(path.path().hash()));
        });
        assertEquals(2, tables.changes(cache.id()));
        assertFalse(before.equals(changes.revision()));
        assertThrows(
                IllegalStateException.class,
                () -> QuarkusTransaction.requiringNew().run(() -> {
                    changes.append(cache.id(), "path", Optional.empty(), Optional.empty(), Optional.empty());
                    throw new IllegalStateException("rolled back");
                }));
        assertEquals(2, tables.changes(cache.id()));
    }

    private Artifact served(String name) {
        return packages.findPublished(cache, NPM, name)
                .orElseThrow()
                .releases()
                .getFirst()
                .artifacts()
                .getFirst();
    }

    private long packageId(String name) {
        return packages.find(cache.id(), NPM, name).orElseThrow().id();
    }
}
