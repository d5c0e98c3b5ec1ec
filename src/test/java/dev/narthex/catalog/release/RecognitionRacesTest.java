package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ParallelRunner;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;

/** Recognitions and promises race in two connections, many times. The result must be valid for any order. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class RecognitionRacesTest {
    private static final String NPM = "npm";
    private static final int ROUNDS = 10;

    @Inject
    Packages packages;

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

    @RepeatedTest(ROUNDS)
    void promiseDuringArrivalOfAnExactFile() throws Exception {
        recognized.push(
                cache,
                NPM,
                RecognitionFixture.of("lantern", "1.0.0").holding("old").saying("old"));
        long old = served().id();
        var path = tables.push(cache, "lib");
        var finding = RecognitionFixture.of("lantern", "1.0.0").holding("fresh").saying("fresh");
        var promised = ParallelRunner.<Boolean>run(List.of(() -> releases.promise(List.of(old)), () -> {
            recognized.record(cache, NPM, path, finding);
            return true;
        }));
        assertEquals(promised.getFirst(), served().promised());
        var expected = promised.getFirst() ? "old" : "fresh";
        assertEquals(CatalogFixture.hash(expected), served().sha256());
        assertEquals(
                expected,
                recognized.release(cache, NPM, "lantern", "1.0.0").facts().summary());
    }

    @RepeatedTest(ROUNDS)
    void concurrentPromisesOfOneArtifact() throws Exception {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("old"));
        long old = served().id();
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("fresh"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.1.0"));
        long fresh = packages.file(cache.id(), NPM, "lantern", "lantern-1.0.0.tgz")
                .orElseThrow()
                .id();
        long next = packages.file(cache.id(), NPM, "lantern", "lantern-1.1.0.tgz")
                .orElseThrow()
                .id();
        var kept = ParallelRunner.<Boolean>run(List.of(
                () -> releases.promise(List.of(old, next)),
                () -> releases.promise(List.of(next, fresh)),
                () -> releases.promise(List.of(fresh, next))));
        assertEquals(List.of(false, true, true), kept);
        assertEquals(
                List.of(Long.toString(fresh), Long.toString(next)),
                tables.column(
                        "select a.id from artifact a join path p on p.id = a.path_id where promised_at is not null"
                                + " and cache_id = " + cache.id() + " order by a.id"));
    }

    @RepeatedTest(ROUNDS)
    void concurrentVersionsAgreeOnTheNewest() throws Exception {
        var arriving = IntStream.rangeClosed(1, 4)
                .mapToObj(i -> RecognitionFixture.of("lantern", i + ".0.0").holding("v" + i))
                .toList();
        var there = arriving.stream().map(f -> tables.push(cache, "lib")).toList();
        ParallelRunner.run(IntStream.range(0, 4)
                .mapToObj(i -> (ParallelRunner.Part<Boolean>) () -> {
                    recognized.record(cache, NPM, there.get(i), arriving.get(i));
                    return true;
                })
                .toList());
        long id = packages.find(cache.id(), NPM, "lantern").orElseThrow().id();
        assertEquals(Optional.of("4.0.0"), packages.defaultVersion(id));
        assertEquals(
                "4.0.0",
                packages.list(cache.id(), NPM, Sort.NAME, 1).items().getFirst().version());
        assertEquals(4, packages.releases(id, 10).size());
    }

    @RepeatedTest(ROUNDS)
    void concurrentRecognitionOfAPathIsOneChange() throws Exception {
        var path = tables.push(cache, "lib");
        var finding = RecognitionFixture.of("lantern", "1.0.0").needing("oar", "mast");
        ParallelRunner.Part<Boolean> part = () -> {
            recognized.record(cache, NPM, path, finding);
            return true;
        };
        ParallelRunner.run(List.of(part, part));
        assertEquals(1, tables.changes(cache.id()));
        assertEquals(
                2,
                recognized
                        .release(cache, NPM, "lantern", "1.0.0")
                        .dependencies()
                        .size());
    }

    @RepeatedTest(ROUNDS)
    void packageSurvivesRemovalDuringARelease() throws Exception {
        var going = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        var coming = tables.push(cache, "lib");
        ParallelRunner.<Boolean>run(List.of(
                () -> recognized.record(cache, NPM, going).isEmpty(),
                () -> recognized
                        .record(cache, NPM, coming, RecognitionFixture.of("lantern", "2.0.0"))
                        .isEmpty()));
        var left = packages.findPublished(cache, NPM, "lantern").orElseThrow();
        assertEquals(
                List.of("2.0.0"), left.releases().stream().map(r -> r.version()).toList());
        assertTrue(packages.list(cache.id(), NPM, Sort.NAME, 1)
                .items()
                .getFirst()
                .version()
                .equals("2.0.0"));
    }

    private Artifact served() {
        return packages.findPublished(cache, NPM, "lantern")
                .orElseThrow()
                .releases()
                .getFirst()
                .artifacts()
                .getFirst();
    }
}
