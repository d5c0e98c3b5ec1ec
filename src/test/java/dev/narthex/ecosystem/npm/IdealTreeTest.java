package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Resolution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A package and its dependencies in a cache. */
class IdealTreeTest {
    private final NpmEcosystem npm = new NpmEcosystem();
    private final Map<Long, String> names = new TreeMap<>();
    private final Map<String, List<AvailableVersions.Version>> offered = new LinkedHashMap<>();
    private long ids = 100;

    /**
     * Adds a package, newest version first.
     *
     * @param needs such as {@code mast@^1}, with a mark for optional ones: {@code ?sail@*}
     */
    private void offer(String name, String version, String... needs) {
        offer(name, version, Set.of(), false, needs);
    }

    private void offer(String name, String version, Set<String> tags, boolean deprecated, String... needs) {
        long id = ids++;
        names.put(id, name + "@" + version);
        var declared = Arrays.stream(needs).map(IdealTreeTest::dependency).toList();
        offered.computeIfAbsent(name, _ -> new ArrayList<>())
                .add(new AvailableVersions.Version(id, version, deprecated, List.copyOf(tags), declared));
    }

    private static Dependency dependency(String need) {
        boolean optional = need.startsWith("?");
        var text = optional ? need.substring(1) : need;
        int at = text.indexOf('@', 1);
        return new Dependency(
                text.substring(0, at),
                text.substring(0, at),
                text.substring(at + 1),
                optional ? IdealTree.OPTIONAL : IdealTree.RUNTIME);
    }

    private Resolution resolve(String members) throws IOException {
        return npm.resolve(release(members), new AvailableVersions(offered, true));
    }

    private ReleaseInfo release(String members) throws IOException {
        var json = "{\"name\":\"boat\",\"version\":\"1.0.0\"," + members + "}";
        var path = NarCandidate.flat("boat-1.0.0.tgz", ArchiveFixture.tgz(Map.of("package/package.json", json)));
        return ViewFixture.release(npm, npm.recognize(path).findFirst().orElseThrow(), path);
    }

    private Set<String> named(Collection<Long> releases) {
        var all = new TreeSet<String>();
        releases.forEach(id -> all.add(names.get(id)));
        return all;
    }

    @Test
    void versionsAreSharedWherePossible() throws IOException {
        offer("oar", "2.0.0", "rope@^1.0.0");
        offer("mast", "1.0.0", "rope@^1.0.0 || ^2.0.0", "sail@*");
        offer("rope", "2.1.0");
        offer("rope", "1.4.0");
        offer("sail", "1.0.0", "mast@1", "boat@*", "rope@^1");
        var resolution = resolve("\"dependencies\":{\"oar\":\"^2\",\"mast\":\"*\"}");
        // the higher of the two ranges of mast comes first and is placed where sail finds it
        assertEquals(
                Set.of("oar@2.0.0", "mast@1.0.0", "rope@1.4.0", "rope@2.1.0", "sail@1.0.0"),
                named(resolution.needed()));
        assertEquals(List.of(), resolution.missing());
        assertTrue(resolution.complete());
    }

    @Test
    void sharedVersionNeedNotBeTheHighest() throws IOException {
        offer("oar", "1.0.0", "rope@*");
        offer("rope", "2.0.0");
        offer("rope", "1.0.0");
        var resolution = resolve("\"dependencies\":{\"oar\":\"1\",\"rope\":\"^1\"}");
        assertEquals(Set.of("oar@1.0.0", "rope@1.0.0"), named(resolution.needed()));
    }

    @Test
    void missingOptionalDependencyIsNoError() throws IOException {
        offer("oar", "1.0.0", "?grip@1", "?gone@1");
        offer("grip", "1.0.0", "glue@1", "?dye@1");
        offer("glue", "1.0.0");
        offer("dye", "1.0.0");
        offer("rope", "1.0.0");
        offered.put("gone", List.of());
        offered.put("absent", List.of());
        var resolution = resolve("\"dependencies\":{\"oar\":\"1\",\"rope\":\"1\"},"
                + "\"optionalDependencies\":{\"rope\":\"1\",\"absent\":\"1\"}");
        assertEquals(Set.of("oar@1.0.0"), named(resolution.needed()));
        assertEquals(Set.of("grip@1.0.0", "glue@1.0.0", "dye@1.0.0", "rope@1.0.0"), named(resolution.optional()));
        assertEquals(List.of(), resolution.missing());
        assertTrue(resolution.complete());
    }

    @Test
    void missingDependencyIsReportedWithItsRange() throws IOException {
        offer("oar", "1.0.0", "rope@^2", "tar@git+https://example.org/tar.git");
        offer("rope", "1.0.0");
        offered.put("tar", List.of());
        offered.put("sail", List.of());
        var resolution =
                resolve("\"dependencies\":{\"oar\":\"1\",\"sail\":\"~3\"},\"peerDependencies\":{\"sea\":\"*\"}");
        assertEquals(
                List.of("sail ~3", "rope ^2", "tar git+https://example.org/tar.git"),
                resolution.missing().stream()
                        .map(d -> d.name() + " " + d.range())
                        .toList());
        assertEquals(List.of("sea"), resolution.beside());
        assertTrue(resolution.complete());
    }

    @Test
    void uncheckedDependencyIsNotReportedAsMissing() throws IOException {
        offer("oar", "1.0.0", "rope@^2");
        var resolution = resolve("\"dependencies\":{\"oar\":\"1\"}");
        assertEquals(List.of(), resolution.missing());
        assertFalse(resolution.complete());
        var cut = npm.resolve(release("\"dependencies\":{}"), new AvailableVersions(Map.of(), false));
        assertFalse(cut.complete());
    }

    @Test
    void aliasesAreInstalledBesideTheirTargets() throws IOException {
        offer("oar", "2.0.0");
        offer("oar", "1.0.0");
        var resolution = resolve("\"dependencies\":{\"oar\":\"2\",\"old-oar\":\"npm:oar@1\",\"any\":\"npm:oar\"}");
        assertEquals(Set.of("oar@2.0.0", "oar@1.0.0"), named(resolution.needed()));
    }

    /** Chooses among the same versions with npm-pick-manifest. */
    @ParameterizedTest
    @CsvSource({
        "^1.0.0, 1.1.0",
        "1.2.x, 1.2.0",
        "*, 1.1.0",
        "'', 1.1.0",
        "latest, 1.1.0",
        "next, 3.0.0-rc.1",
        ">=1.2.0, 2.0.0",
        "2.5.0, 2.5.0",
        ">2.0.0, 2.5.0",
        "^3.0.0-rc.0, 3.0.0-rc.1",
        "^4, ",
        "beta, ",
        "file:../oar, ",
    })
    void aVersionIsChosenAsNpmChooses(String range, String version) {
        offer("oar", "3.0.0-rc.1", Set.of("next"), false);
        offer("oar", "2.5.0", Set.of(), true);
        offer("oar", "2.0.0");
        offer("oar", "1.2.0");
        offer("oar", "1.1.0", Set.of("latest"), false);
        offer("oar", "1.0.0");
        var chosen = npm.choose(new Dependency("oar", "oar", range, "runtime"), offered.get("oar"));
        assertEquals(version, chosen.map(AvailableVersions.Version::version).orElse(null));
    }

    @Test
    void latestDefaultsToTheNewestStableVersion() {
        offer("oar", "2.0.0-rc.1");
        offer("oar", "1.0.0");
        offer("new", "1.0.0-rc.1");
        for (var name : List.of("oar", "new")) {
            var chosen = npm.choose(new Dependency(name, name, "latest", "runtime"), offered.get(name));
            assertEquals(
                    name.equals("oar") ? "1.0.0" : "1.0.0-rc.1",
                    chosen.orElseThrow().version());
        }
    }

    @Test
    void cyclesAndWideTreesTerminate() throws IOException {
        var wide = new ArrayList<String>();
        for (int i = 0; i < 1000; i++) {
            offer("part-" + i, "1.0.0", "part-" + (i + 1) % 1000 + "@1", "part-" + i * 7 % 1000 + "@*");
            wide.add("\"part-" + i + "\":\"1\"");
        }
        var resolution = resolve("\"dependencies\":{" + String.join(",", wide) + "}");
        assertEquals(1000, resolution.needed().size());
    }
}
