package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecognitionFixture.File;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.FoundArtifact.Origin;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseInfo;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackagesTest extends PackagesSetup {

    @Test
    void withdrawalsAndPackageStateAreReadWithThePackage() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "2.0.0"));
        long id = id(NPM, "lantern");
        tables.run("""
                insert into withdrawal (release_id, kind, reason)
                select id, 'deprecated', 'use lamp' from release where package_id = %d and version = '1.0.0'""".formatted(id));
        tables.run(
                "insert into ecosystem_state (cache_id, ecosystem, package_id, key, body) values (%d, '%s', %d, 'status', '{\"a\":1}')"
                        .formatted(cache.id(), NPM, id));
        var view = packages.findPublished(cache, NPM, "lantern").orElseThrow();
        assertEquals(Map.of("status", "{\"a\": 1}"), view.state());
        assertEquals(
                List.of(Map.of(), Map.of("deprecated", "use lamp")),
                view.releases().stream().map(ReleaseInfo::withdrawals).toList());
        assertEquals(
                Map.of("deprecated", "use lamp"),
                packages.release(cache, NPM, "lantern", "1.0.0").orElseThrow().withdrawals());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "npm  | 11.0.0 10.0.0 2.0.0 1.10.0 1.9.0 1.9.0-rc.10 1.9.0-rc.2 1.9.0-alpha           | 11.0.0",
                "npm  | 2.0.0-beta.2 2.0.0-beta.1 1.0.0                                               | 1.0.0",
                "npm  | 1.0.0-b 1.0.0-a                                                               | 1.0.0-b",
                "pypi | 2!0.1 10.0 9.1.post1 9.1 9.1rc1 9.1b2 9.1a1 9.1.dev3 1.0                       | 2!0.1",
                "nix  | 2.12.10 2.12.9 2.12.1-unstable-2025-01-01 2.12 2.12pre 2.3                     | 2.12.10",
            })
    void versionsAreOrderedAsTheirEcosystemDoes(String ecosystem, String newestFirst, String shown) {
        var expected = List.of(newestFirst.split(" "));
        var arriving = new ArrayList<>(expected);
        Collections.shuffle(arriving, new Random(4));
        arriving.forEach(version -> recognized.push(cache, ecosystem, RecognitionFixture.of("lantern", version)));
        long id = id(ecosystem, "lantern");
        assertEquals(
                expected,
                packages.releases(id, 100).stream().map(ReleaseSummary::version).toList());
        assertEquals(
                expected.subList(0, 2),
                packages.releases(id, 2).stream().map(ReleaseSummary::version).toList());
        assertEquals(
                expected, served(ecosystem).stream().map(ReleaseInfo::version).toList());
        assertEquals(Optional.of(shown), packages.defaultVersion(id));
        assertEquals(
                shown,
                packages.list(cache.id(), ecosystem, Sort.NAME, 1)
                        .items()
                        .getFirst()
                        .version());
    }

    private List<ReleaseInfo> served(String ecosystem) {
        return packages.findPublished(cache, ecosystem, "lantern").orElseThrow().releases();
    }

    @Test
    void summaryMatchesTheListOfVersions() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0-rc.1"));
        var path = recognized.push(
                cache, NPM, RecognitionFixture.of("lantern", "1.0.0").saying("light"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "2.0.0").proposed());
        tag("lantern", "next", "1.0.0-rc.1");
        tag("lantern", "beta", "1.0.0-rc.1");
        var lines = packages.releases(id(NPM, "lantern"), 10);
        assertEquals(
                List.of("2.0.0", "1.0.0", "1.0.0-rc.1"),
                lines.stream().map(ReleaseSummary::version).toList());
        assertEquals(
                List.of(false, true, true),
                lines.stream().map(ReleaseSummary::released).toList());
        assertEquals(
                List.of(false, false, true),
                lines.stream().map(ReleaseSummary::prerelease).toList());
        assertEquals(
                Map.of("beta", "1.0.0-rc.1", "next", "1.0.0-rc.1"),
                packages.findWithVersions(cache.id(), NPM, "lantern")
                        .orElseThrow()
                        .tags());
        assertEquals(path.path().hash(), lines.get(1).mainPath());
        assertEquals(path.pushedAt(), lines.get(1).publishedAt());
        assertEquals(Optional.of("anna"), lines.get(1).publishedBy());
        assertEquals(10, lines.get(1).size());
        assertEquals("MIT", lines.get(1).licence());
    }

    @Test
    void versionTagAndLatestAreResolved() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "2.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "3.0.0-rc.1"));
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "4.0.0").proposed());
        tag("lantern", "next", "3.0.0-rc.1");
        long id = id(NPM, "lantern");
        assertEquals(Optional.of("1.0.0"), packages.resolve(id, "1.0.0", recognized.order(NPM, "1.0.0")));
        assertEquals(Optional.of("3.0.0-rc.1"), packages.resolve(id, "next", recognized.order(NPM, "next")));
        assertEquals(Optional.of("2.0.0"), packages.resolve(id, "latest", recognized.order(NPM, "latest")));
        assertEquals(Optional.of("4.0.0"), packages.resolve(id, "4.0.0", recognized.order(NPM, "4.0.0")));
        for (var odd : List.of("1.0", "Next", "", "\0", "next\uD800", "%", "x".repeat(1_000_000))) {
            assertEquals(Optional.empty(), packages.resolve(id, odd, recognized.order(NPM, odd)), odd);
        }
        tag("lantern", "latest", "1.0.0");
        assertEquals(Optional.of("1.0.0"), packages.resolve(id, "latest", recognized.order(NPM, "latest")));
        tag("lantern", "1.0.0", "2.0.0");
        assertEquals(Optional.of("1.0.0"), packages.resolve(id, "1.0.0", recognized.order(NPM, "1.0.0")));
        assertEquals(
                Map.of("next", "3.0.0-rc.1", "latest", "1.0.0", "1.0.0", "2.0.0"),
                packages.findPublished(cache, NPM, "lantern").orElseThrow().tags());
    }

    @Test
    void notesCoverOneCacheOnly() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        tables.run("""
                update release set facts = facts || '{"notes": {"bytes": "7"}}' where package_id =
                """ + id(NPM, "lantern"));
        long release =
                packages.release(cache, NPM, "lantern", "1.0.0").orElseThrow().id();
        assertEquals(
                List.of(new ReleaseNotes(release, "lantern", "lantern", "1.0.0", Map.of("bytes", "7"))),
                packages.notes(cache.id(), List.of(release)));
        assertEquals(List.of(), packages.notes(tables.newCache().id(), List.of(release)));
    }

    @Test
    void spellingsOfOneVersionAreOneRelease() {
        recognized.push(cache, "pypi", RecognitionFixture.of("lantern", "1.0").named("lantern-1.0-py3-none-any.whl"));
        recognized.push(cache, "pypi", RecognitionFixture.of("lantern", "1.0.0").named("lantern-1.0.0.tar.gz"));
        recognized.push(
                cache, "pypi", RecognitionFixture.of("lantern", "1.0.0.1").named("lantern-1.0.0.1.tar.gz"));
        assertEquals(
                Map.of("1.0", 2, "1.0.0.1", 1),
                served("pypi").stream()
                        .collect(Collectors.toMap(
                                ReleaseInfo::version, r -> r.artifacts().size())));
        long id = id("pypi", "lantern");
        for (var spelling : List.of("1.0", "1.0.0", "v1", "1.0.0.0")) {
            assertEquals(
                    Optional.of("1.0"), packages.resolve(id, spelling, recognized.order("pypi", spelling)), spelling);
        }
        for (var other : List.of("1.0.1", "1.0rc1", "one")) {
            assertEquals(Optional.empty(), packages.resolve(id, other, recognized.order("pypi", other)), other);
        }
    }

    @Test
    void versionsWithEqualSortKeysStayDistinct() {
        recognized.push(cache, "nix", RecognitionFixture.of("lantern", "1.0"));
        recognized.push(cache, "nix", RecognitionFixture.of("lantern", "1-0"));
        assertEquals(2, served("nix").size());
    }

    @Test
    void namesAreEqualByTheRuleOfTheEcosystem() {
        recognized.push(cache, "pypi", RecognitionFixture.of("Harbour_Lights", "1.0"));
        recognized.push(cache, "pypi", RecognitionFixture.of("harbour.lights", "1.1"));
        assertEquals(
                "Harbour_Lights",
                packages.find(cache.id(), "pypi", "harbour-lights")
                        .orElseThrow()
                        .name());
        assertEquals(2, packages.releases(id("pypi", "harbour-lights"), 10).size());
        assertEquals(Optional.empty(), packages.find(cache.id(), NPM, "harbour-lights"));
        assertEquals(Optional.empty(), packages.find(cache.id(), "pypi", "harbour-light_"));
        assertEquals(Optional.empty(), packages.find(tables.newCache().id(), "pypi", "harbour-lights"));
    }

    @Test
    void eachFileNameIsServedOnce() {
        var wheel = new File("lantern-1.0-py3-none-any.whl", Origin.EXACT, "out", "wheel");
        var sdist = new File("lantern-1.0.tar.gz", Origin.EXACT, "out", "sdist");
        recognized.push(cache, "pypi", RecognitionFixture.of("lantern", "1.0").with(wheel));
        recognized.push(
                cache,
                "pypi",
                RecognitionFixture.of("lantern", "1.0")
                        .with(sdist, new File(wheel.name(), Origin.EXACT, "out", "again")));
        var files = served("pypi").getFirst().artifacts();
        assertEquals(
                Set.of(wheel.name(), sdist.name()),
                Set.copyOf(files.stream().map(Artifact::filename).toList()));
        assertEquals(
                3,
                recognized.release(cache, "pypi", "lantern", "1.0").artifacts().size());
        assertEquals(
                CatalogFixture.hash("again"), file(wheel.name()).orElseThrow().sha256());
        assertEquals(
                files.stream().filter(a -> a.filename().equals(wheel.name())).findFirst(), file(wheel.name()));
        for (var odd : List.of("", "lantern-1.0.tar.g_", "%", "\0", "\uDC80", "../x")) {
            assertEquals(Optional.empty(), file(odd));
        }
        assertEquals(Optional.empty(), packages.file(cache.id(), "pypi", "oar", sdist.name()));
        assertEquals(Optional.empty(), packages.file(tables.newCache().id(), "pypi", "lantern", sdist.name()));
    }

    private Optional<Artifact> file(String filename) {
        return packages.file(cache.id(), "pypi", "lantern", filename);
    }

    @Test
    void indexHasOneReadmePerPackage() {
        for (var version : List.of("1.0.0", "2.0.0", "3.0.0-rc.1")) {
            recognized.push(
                    cache, NPM, RecognitionFixture.of("lantern", version).named(version + ".tgz"));
        }
        tables.run(
                "update release set facts = facts || '{\"readme\": {\"text\": \"long\", \"format\": \"text/plain\"}}'"
                        + " where package_id = " + id(NPM, "lantern"));
        assertTrue(recognized
                .release(cache, NPM, "lantern", "1.0.0")
                .facts()
                .readme()
                .isPresent());
        assertEquals(List.of("2.0.0"), withReadme());
        tag("lantern", "latest", "1.0.0");
        assertEquals(List.of("1.0.0"), withReadme());
    }

    private List<String> withReadme() {
        return served(NPM).stream()
                .filter(r -> r.facts().readme().isPresent())
                .map(ReleaseInfo::version)
                .toList();
    }

    @Test
    void defaultReleaseOfEachPackageIsFound() {
        for (var version : List.of("1.0.0", "2.0.0", "3.0.0-rc.1")) {
            recognized.push(
                    cache, NPM, RecognitionFixture.of("lantern", version).named(version + ".tgz"));
        }
        recognized.push(cache, NPM, RecognitionFixture.of("oar", "1.0.0"));
        recognized.push(cache, NPM, RecognitionFixture.of("mast", "1.0.0").proposed());
        var names = List.of("oar", "gone", "lantern", "mast");
        assertEquals(List.of("oar 1.0.0", "lantern 2.0.0"), shown(cache, names));
        tag("lantern", "latest", "1.0.0");
        assertEquals(List.of("oar 1.0.0", "lantern 1.0.0"), shown(cache, names));
        assertEquals(List.of(), shown(tables.newCache(), names));
        assertEquals(List.of(), shown(cache, List.of()));
    }

    private List<String> shown(Cache in, List<String> names) {
        return packages.defaultReleases(in, NPM, names).stream()
                .map(r -> r.name() + " " + r.version())
                .toList();
    }

    @Test
    void rowsOfAnOlderVersionAreStillRead() {
        recognized.push(cache, NPM, RecognitionFixture.of("lantern", "1.0.0"));
        for (var facts : List.of("{}", "{\"summary\": null, \"people\": null, \"more\": 1, \"readme\": {}}")) {
            tables.run("update release set facts = '" + facts + "' where package_id = " + id(NPM, "lantern"));
            var read = recognized.release(cache, NPM, "lantern", "1.0.0").facts();
            assertEquals("", read.summary());
            assertEquals(List.of(), read.people());
            assertEquals("", read.manifest());
            assertEquals(Map.of(), read.notes());
        }
    }

    @Test
    void packageWithHugeManifestsHasItsNewestReleases() {
        for (int i = 1; i <= 7; i++) {
            recognized.push(cache, NPM, RecognitionFixture.of("lantern", i + ".0.0"));
        }
        tables.run(
                "update release set facts = jsonb_build_object('manifest', repeat('x', 10485760)) where package_id = "
                        + id(NPM, "lantern"));
        assertEquals(
                List.of("7.0.0", "6.0.0", "5.0.0", "4.0.0", "3.0.0", "2.0.0"),
                served(NPM).stream().map(ReleaseInfo::version).toList());
    }

    @Test
    void namesAreListedInByteOrder() {
        for (var name : List.of("b", "a", "a-b", "a.b", "@s/x", "~x")) {
            recognized.push(cache, NPM, RecognitionFixture.of(name, "1.0.0").named("f.tgz"));
        }
        recognized.push(cache, NPM, RecognitionFixture.of("c", "1.0.0").proposed());
        assertEquals(List.of("@s/x", "a", "a-b", "a.b", "b", "~x"), names("", 10));
        assertEquals(List.of("a-b", "a.b"), names("a", 2));
        assertEquals(List.of(), names("~x", 10));
        assertEquals(List.of("~x"), names("b\0", 10));
    }

    private List<String> names(String after, int limit) {
        return packages.names(cache.id(), NPM, after, limit).stream()
                .map(Registry.PackageName::normalized)
                .toList();
    }
}
