package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecognitionFixture.File;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.FoundArtifact.Origin;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ReleasesTest extends ReleasesSetup {

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
    void onlyNewerRecognizersRefreshFacts() {
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
    void invalidNamesAreRefused() {
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
    void longManifestIsTruncated() {
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
    void laterPushDoesNotUnreleaseAFile() {
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
    void releaseIsReleasedWithItsFirstFile() {
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
    void deletedReleaseIsOnlyProposedAgain() {
        bury("lantern", "1.0.0", "", "null");
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.1"));
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.1").released());
    }

    @Test
    void deletedFileNameAcceptsTheSameBytesOnly() {
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
                "insert into tombstone (cache_id, ecosystem, normalized, version, filename, sha256) values (%d, 'npm', '%s', '%s', '%s', %s)"
                        .formatted(cache.id(), name, version, filename, sha256));
    }

    @Test
    void revisionIncreasesWithChangesOnly() {
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
}
