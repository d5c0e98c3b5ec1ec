package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecognitionFixture.File;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.FoundArtifact.Origin;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Promotion and rejection of proposed builds. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PromotionsTest {
    private static final String NPM = "npm";
    private static final String FILE = "lantern-1.0.0.tgz";
    private static final RecognitionFixture LANTERN =
            RecognitionFixture.of("lantern", "1.0.0").proposed();

    @Inject
    Promotions promotions;

    @Inject
    DeclinedReleases declines;

    @Inject
    ReleaseBuilds builds;

    @Inject
    PackageEditRepository edits;

    @Inject
    Packages packages;

    @Inject
    Releases releases;

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

    private Optional<Boolean> promote(String version, PathInfo path) {
        return promote(NPM, version, build(path));
    }

    private static String build(PathInfo path) {
        return path.deriver().orElse(path.path()).hash();
    }

    private Optional<Boolean> promote(String ecosystem, String version, String build) {
        return QuarkusTransaction.requiringNew()
                .call(() -> promotions.promote(
                        edits.lock(cache.id(), ecosystem, "lantern").orElseThrow(), version, build, "person:1:anna"));
    }

    private Optional<DeclinedReleases.DeclineResult> decline(String ecosystem, Set<String> builds) {
        return QuarkusTransaction.requiringNew()
                .call(() -> declines.decline(
                        edits.lock(cache.id(), ecosystem, "lantern").orElseThrow(), "1.0.0", builds, "person:1:anna"));
    }

    private DeclinedReleases.DeclineResult declineAll() {
        return decline(NPM, Set.of()).orElseThrow();
    }

    private String served() {
        return packages.file(cache.id(), NPM, "lantern", FILE)
                .map(artifact -> artifact.sha256().hex())
                .orElse("nothing");
    }

    private static String hex(String content) {
        return CatalogFixture.hash(content).hex();
    }

    private Optional<PackageRow> row() {
        return packages.find(cache.id(), NPM, "lantern");
    }

    // ── promotion ──

    @Test
    void promotedBuildIsServedPromisedAndOwned() {
        var older = recognized.push(cache, NPM, LANTERN.holding("older"));
        recognized.push(cache, NPM, LANTERN.holding("newer"));
        assertFalse(row().orElseThrow().owned());
        assertEquals(Optional.of(true), promote("1.0.0", older));
        assertTrue(row().orElseThrow().owned());
        assertTrue(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        assertEquals(hex("older"), served());
        assertTrue(packages.file(cache.id(), NPM, "lantern", FILE).orElseThrow().promised());
        assertEquals(1, packages.list(cache.id(), NPM, Sort.NAME, 1).total());
        recognized.push(cache, NPM, LANTERN.holding("newest").proposed());
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("by a publisher"));
        assertEquals(hex("older"), served());
    }

    @Test
    void promotingAgainChangesNothing() {
        var path = recognized.push(cache, NPM, LANTERN);
        promote("1.0.0", path);
        var rows = tables.rows(cache.id());
        assertEquals(Optional.of(false), promote("1.0.0", path));
        assertEquals(rows, tables.rows(cache.id()));
        recognized.record(cache, NPM, path, LANTERN);
        assertEquals(rows, tables.rows(cache.id()));
    }

    @Test
    void promotionIsInTheChangeLog() {
        var path = recognized.push(cache, NPM, LANTERN);
        long before = tables.changes(cache.id());
        promote("1.0.0", path);
        assertEquals(before + 1, tables.changes(cache.id()));
        var log = tables.column("select kind || ' ' || (package_id is not null) || ' ' || (release_id is not null)"
                + " from change where cache_id = " + cache.id() + " order by seq desc limit 1");
        assertEquals(List.of("release true true"), log);
    }

    @Test
    void factsComeFromThePromotedBuild() {
        var good = recognized.push(
                cache, NPM, LANTERN.holding("good").saying("good").needing("oar"));
        recognized.push(cache, NPM, LANTERN.holding("bad").saying("bad").needing("mast"));
        QuarkusTransaction.requiringNew().run(() -> {
            promotions.promote(
                    edits.lock(cache.id(), NPM, "lantern").orElseThrow(), "1.0.0", build(good), "person:1:anna");
            releases.record(
                    cache,
                    NPM,
                    LANTERN.holding("good").saying("good").needing("oar").in(good, recognized.ecosystem(NPM)));
        });
        var release = recognized.release(cache, NPM, "lantern", "1.0.0");
        assertEquals("good", release.facts().summary());
        assertEquals("oar", release.dependencies().getFirst().name());
        assertEquals(good.pushedAt(), release.publishedAt());
    }

    @Test
    void latestMovesToTheNewestOnly() {
        var first = recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        tag("latest", "1.0.0");
        var next = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "2.0.0").proposed());
        var early = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "3.0.0-rc.1").proposed());
        var patch = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.1").proposed());
        promote("3.0.0-rc.1", early);
        assertEquals(
                Optional.of("1.0.0"),
                packages.resolve(row().orElseThrow().id(), "latest", recognized.order(NPM, "latest")));
        promote("2.0.0", next);
        assertEquals(
                Optional.of("2.0.0"),
                packages.resolve(row().orElseThrow().id(), "latest", recognized.order(NPM, "latest")));
        promote("1.0.1", patch);
        assertEquals(
                Optional.of("2.0.0"),
                packages.resolve(row().orElseThrow().id(), "latest", recognized.order(NPM, "latest")));
        assertEquals(
                List.of("person:1:anna"),
                tables.column("select t.by from tag t join package p on p.id = t.package_id where p.cache_id = "
                        + cache.id()));
        assertEquals(Optional.of(false), promote("1.0.0", first));
    }

    private void tag(String tag, String version) {
        QuarkusTransaction.requiringNew()
                .run(() ->
                        edits.tag(edits.lock(cache.id(), NPM, "lantern").orElseThrow(), tag, version, "person:2:otto"));
    }

    @Test
    void nameThatIsPromisedForOtherBytesIsRefused() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("first"));
        recognized.tell(cache, NPM, "lantern");
        var other = recognized.push(cache, NPM, LANTERN.holding("second"));
        var same = recognized.push(cache, NPM, LANTERN.holding("first"));
        var rows = tables.rows(cache.id());
        refusedForOtherBytes(other);
        assertEquals(rows, tables.rows(cache.id()));
        assertEquals(Optional.of(true), promote("1.0.0", same));
        assertEquals(hex("first"), served());
    }

    @Test
    void deletedVersionIsRestoredWithItsBytesOnly() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("first"));
        recognized.tell(cache, NPM, "lantern");
        tables.run("update package set owned = true where cache_id = " + cache.id());
        QuarkusTransaction.requiringNew()
                .run(() ->
                        edits.remove(edits.lock(cache.id(), NPM, "lantern").orElseThrow(), "1.0.0", "person:2:otto"));
        assertTrue(promotions.wasDeleted(cache.id(), NPM, "lantern", "1.0.0"));
        refusedForOtherBytes(recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("second")));
        var same = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("first"));
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
        assertEquals(Optional.of(true), promote("1.0.0", same));
        assertEquals(hex("first"), served());
        assertFalse(promotions.wasDeleted(cache.id(), NPM, "lantern", "1.0.0"));
    }

    private void refusedForOtherBytes(PathInfo path) {
        var refused = assertThrows(ProblemException.class, () -> promote("1.0.0", path));
        assertTrue(refused.problem() instanceof Problem.Conflict, refused.toString());
        assertTrue(refused.getMessage().contains(FILE), refused.toString());
    }

    @Test
    void buildIsPromotedWithAllItsOutputsOnly() {
        var build = new StorePath(CatalogFixture.hashPart(), "lantern-1.0.0.drv");
        var finding = RecognitionFixture.of("lantern", "1.0.0").proposed();
        var out = output(build, finding, "out");
        var dev = output(build, finding, "dev");
        var other = output(new StorePath(CatalogFixture.hashPart(), "lantern-1.0.0.drv"), finding, "out");
        promote("nix", "1.0.0", build.hash());
        var states = builds.of(cache.id(), nixRelease(), 10).stream()
                .collect(Collectors.toMap(BuildArtifact::path, BuildArtifact::released));
        assertEquals(true, states.get(out.path()));
        assertEquals(true, states.get(dev.path()));
        assertEquals(false, states.get(other.path()));
        assertTrue(builds.of(cache.id(), nixRelease(), 10).stream().noneMatch(BuildArtifact::promised));
    }

    private long nixRelease() {
        return recognized.release(cache, "nix", "lantern", "1.0.0").id();
    }

    private PathInfo output(StorePath deriver, RecognitionFixture finding, String output) {
        var name = output.equals("out") ? "lantern-1.0.0" : "lantern-1.0.0-" + output;
        var path = tables.push(
                cache,
                CatalogFixture.builtBy(tables.newPath(cache, name, 1000, List.of("x".repeat(32) + "-glibc")), deriver));
        recognized.record(cache, "nix", path, finding.whole(path, output));
        return path;
    }

    @Test
    void oneOfTwoFilesWithTheSameNameIsPromised() {
        var made = new File(FILE, Origin.DERIVED, "out", "made");
        var path = recognized.push(cache, NPM, LANTERN.holding("exact"));
        var tree = tables.push(cache, "made");
        recognized.recordMade(cache, NPM, tree, build(path), LANTERN.with(made));
        promote("1.0.0", path);
        assertEquals(hex("exact"), served());
        assertEquals(
                List.of(true, false),
                builds
                        .of(
                                cache.id(),
                                recognized
                                        .release(cache, NPM, "lantern", "1.0.0")
                                        .id(),
                                10)
                        .stream()
                        .sorted((a, b) -> Boolean.compare(b.promised(), a.promised()))
                        .map(BuildArtifact::promised)
                        .toList());
    }

    @Test
    void absentProposalIsNotPromoted() {
        var path = recognized.push(cache, NPM, LANTERN);
        assertEquals(Optional.empty(), promote("9.9.9", path));
        assertEquals(Optional.empty(), promote(NPM, "1.0.0", "0".repeat(32)));
    }

    // ── decline ──

    @Test
    void declinedReleaseIsNotProposedAgain() {
        var path = recognized.push(cache, NPM, LANTERN.holding("bad"));
        var declined = declineAll();
        assertTrue(declined.gone());
        assertEquals(List.of(path.path().hash()), declined.paths());
        assertEquals(Optional.empty(), row());
        recognized.record(cache, NPM, path, LANTERN.holding("bad"));
        recognized.push(cache, NPM, LANTERN.holding("bad"));
        assertEquals(Optional.empty(), row());
        assertTrue(declines.isDeclined(cache.id(), NPM, "lantern", "1.0.0", Optional.empty()));
        assertEquals(
                "lantern",
                declines.of(cache.id(), path.path().hash()).getFirst().name());
        recognized.push(cache, NPM, LANTERN.holding("good"));
        assertFalse(recognized.release(cache, NPM, "lantern", "1.0.0").released());
    }

    @Test
    void recognizingADeclinedReleaseWritesNothing() {
        var path = recognized.push(cache, NPM, LANTERN.holding("bad"));
        recognized.push(cache, NPM, LANTERN.holding("good"));
        decline(NPM, Set.of(build(path)));
        var rows = tables.rows(cache.id());
        recognized.record(cache, NPM, path, LANTERN.holding("bad"));
        assertEquals(rows, tables.rows(cache.id()));
        assertEquals(
                1,
                recognized.release(cache, NPM, "lantern", "1.0.0").artifacts().size());
    }

    @Test
    void declineAppliesToBuildsWithTheSameBytes() {
        var bad = recognized.push(cache, NPM, LANTERN.holding("bad"));
        var good = recognized.push(cache, NPM, LANTERN.holding("good"));
        var again = recognized.push(cache, NPM, LANTERN.holding("bad"));
        var declined = decline(NPM, Set.of(build(bad))).orElseThrow();
        assertFalse(declined.gone());
        assertEquals(
                List.of(bad.path().hash(), again.path().hash()),
                declined.paths().stream().sorted().toList());
        assertEquals(Optional.of(good.path().hash()), declined.leads());
        var left = recognized.release(cache, NPM, "lantern", "1.0.0").artifacts();
        assertEquals(List.of(good.path()), left.stream().map(a -> a.path()).toList());
    }

    @Test
    void releasedBuildCannotBeDeclined() {
        var released = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("same"));
        recognized.push(cache, NPM, LANTERN.holding("same"));
        recognized.push(cache, NPM, LANTERN.holding("other"));
        var declined = declineAll();
        assertEquals(2, declined.paths().size());
        assertEquals(Optional.empty(), declined.leads());
        assertEquals(hex("same"), served());
        recognized.record(
                cache, NPM, released, RecognitionFixture.of("lantern", "1.0.0").holding("same"));
        recognized.record(cache, NPM, released, LANTERN.holding("same"));
        assertEquals(hex("same"), served());
        var rows = tables.rows(cache.id());
        assertEquals(List.of(), declineAll().paths());
        assertEquals(rows, tables.rows(cache.id()));
    }

    @Test
    void authorizedPushReleasesDeclinedBytes() {
        recognized.push(cache, NPM, LANTERN.holding("bytes"));
        declineAll();
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0").holding("bytes"));
        assertEquals(hex("bytes"), served());
    }

    @Test
    void equalPathUnderAnotherHashIsProposed() {
        var finding = RecognitionFixture.of("lantern", "1.0.0").proposed();
        var first = recognized.push(cache, "nix", finding.with(new File("a", Origin.PATH, "out", "bytes")));
        decline("nix", Set.of(build(first)));
        recognized.record(cache, "nix", first, finding.with(new File("a", Origin.PATH, "out", "bytes")));
        assertEquals(Optional.empty(), packages.find(cache.id(), "nix", "lantern"));
        recognized.push(cache, "nix", finding.with(new File("b", Origin.PATH, "out", "bytes")));
        assertTrue(packages.find(cache.id(), "nix", "lantern").isPresent());
    }

    @Test
    void veryLongNamesAreDeclined() {
        var name = "灯".repeat(499);
        var finding =
                RecognitionFixture.of(name, "9".repeat(499)).named("f.tgz").proposed();
        recognized.record(cache, "nix", tables.push(cache, "lib"), finding);
        var declined = QuarkusTransaction.requiringNew()
                .call(() -> declines.decline(
                        edits.lock(cache.id(), "nix", name).orElseThrow(), finding.version(), Set.of(), "anna"));
        assertTrue(declined.orElseThrow().gone());
    }

    @Test
    void declineAppliesToOneCacheOnly() {
        recognized.push(cache, NPM, LANTERN);
        declineAll();
        cache = tables.newCache();
        recognized.push(cache, NPM, LANTERN);
        assertTrue(row().isPresent());
    }

    // ── builds ──

    @Test
    void buildsNameTheirOrigin() {
        var deriver = new StorePath(CatalogFixture.hashPart(), "lantern-1.0.0.drv");
        var path = output(deriver, RecognitionFixture.of("lantern", "1.0.0"), "out");
        var line = builds.of(cache.id(), nixRelease(), 10).getFirst();
        assertEquals(Optional.of(deriver), line.deriver());
        assertEquals(deriver.hash(), line.build());
        assertEquals(1, line.references());
        assertTrue(line.coversWholePath());
        assertEquals(Optional.of("anna"), line.pushedBy());
        assertEquals(path.pushedAt(), line.at());
        assertEquals(List.of(), builds.of(tables.newCache().id(), nixRelease(), 10));
    }
}
