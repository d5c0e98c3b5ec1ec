package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PackumentTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String REGISTRY = "http://registry.example.org/registry/orchard/npm/";

    @Test
    void packumentHasFileStatistics() throws IOException {
        var release =
                release("""
                {"name":"oar","version":"1.0.0","bin":{"row":"cli.js"},"os":["linux"],"cpu":["x64"],"libc":["glibc"],
                 "engines":{"node":">=18"},"funding":"https://example.org/fund","dependencies":{"wick":"^1.0.0"},
                 "optionalDependencies":{"sail":"1"},"peerDependencies":{"boat":"1"},
                 "peerDependenciesMeta":{"boat":{"optional":true}},"bundleDependencies":["wick"],
                 "devDependencies":{"tap":"*"},"directories":{"lib":"lib"},"main":"x.js"}""", Map.of("binding.gyp", "{}", "npm-shrinkwrap.json", "{}", "README.rst", "Oar\\n===\\n"));
        var whole = JSON.readTree(packument(release).fullDocument(List.of()));
        var manifest = whole.path("versions").path("1.0.0");
        assertEquals(4, manifest.path("dist").path("fileCount").asInt());
        assertEquals(
                release.facts().manifest().length() + 2 + 2 + 10,
                manifest.path("dist").path("unpackedSize").asInt());
        assertEquals("README.rst", whole.path("readmeFilename").asText());
        var brief =
                JSON.readTree(packument(release).abbreviated()).path("versions").path("1.0.0");
        for (var member : List.of(
                "bin",
                "os",
                "cpu",
                "libc",
                "engines",
                "funding",
                "dependencies",
                "optionalDependencies",
                "peerDependencies",
                "peerDependenciesMeta",
                "bundleDependencies",
                "devDependencies",
                "directories",
                "hasInstallScript",
                "_hasShrinkwrap",
                "dist")) {
            assertEquals(manifest.get(member), brief.get(member), member);
            assertFalse(brief.path(member).isMissingNode(), member);
        }
        assertFalse(brief.has("main") || brief.has("scripts") || brief.has("_id"));
        assertEquals(
                "node-gyp rebuild", manifest.path("scripts").path("install").asText());
    }

    @Test
    void deprecationReasonIsInBothFormats() throws IOException {
        var release = release("{\"name\":\"oar\",\"version\":\"1.0.0\"}", Map.of());
        for (var reason : List.of("use sail", "")) {
            var taken = packument(withdrawn(release, Map.of("deprecated", reason)));
            var expected = reason.isEmpty() ? "This version is deprecated." : reason;
            for (var form : List.of(taken.fullDocument(List.of()), taken.abbreviated())) {
                assertEquals(expected, version(form).path("deprecated").asText());
            }
        }
        assertFalse(version(packument(withdrawn(release, Map.of("yanked", "x"))).fullDocument(List.of()))
                .has("deprecated"));
    }

    @Test
    void revisionChangesWithTheContent() throws IOException {
        var one = release("{\"name\":\"oar\",\"version\":\"1.0.0\"}", Map.of());
        var two = release("{\"name\":\"oar\",\"version\":\"2.0.0\"}", Map.of());
        var before = revision(packument(one));
        assertEquals(before, revision(packument(one)));
        assertNotEquals(before, revision(packument(two, one)));
        assertNotEquals(before, revision(packument(withdrawn(one, Map.of("deprecated", "x")))));
        assertNotEquals(before, revision(new Packument(view(Map.of("next", "1.0.0"), one), REGISTRY)));
    }

    @Test
    void maintainersAreListedWithoutAddresses() throws IOException {
        var said = release("""
                {"name":"oar","version":"1.0.0","maintainers":["Ada <ada@example.org>",{"name":"Bo","email":"bo@example.org"}]}""", Map.of());
        var whole = JSON.readTree(packument(said).fullDocument(List.of()));
        for (var list : List.of(
                whole.path("maintainers"), whole.path("versions").path("1.0.0").path("maintainers"))) {
            assertEquals("[{\"name\":\"Ada\"},{\"name\":\"Bo\"}]", list.toString());
        }
        var owned = JSON.readTree(packument(said).documentForOwners(List.of(), List.of("anna")));
        assertEquals(
                "[{\"name\":\"anna\",\"email\":\"\"}]",
                owned.path("maintainers").toString());
    }

    @Test
    void starsDoNotChangeTheRevision() throws IOException {
        var plain = packument(release("{\"name\":\"oar\",\"version\":\"1.0.0\"}", Map.of()));
        var starred = JSON.readTree(plain.fullDocument(List.of("anna", "ben")));
        assertEquals("{\"anna\":true,\"ben\":true}", starred.path("users").toString());
        assertEquals(revision(plain), starred.path("_rev").asText());
        assertFalse(JSON.readTree(plain.fullDocument(List.of())).has("users"));
    }

    @Test
    void revisionForOwnersChangesWithOwners() throws IOException {
        var plain = packument(release("{\"name\":\"oar\",\"version\":\"1.0.0\"}", Map.of()));
        var one = JSON.readTree(plain.documentForOwners(List.of(), List.of("anna")))
                .path("_rev")
                .asText();
        assertEquals(one, plain.revision(List.of("anna")));
        assertNotEquals(one, plain.revision(List.of("anna", "ben")));
        assertNotEquals(one, plain.revision(List.of()));
        assertNotEquals(one, plain.revision());
    }

    @Test
    void releaseWithoutManifestIsListed() throws IOException {
        var odd = release("{\"name\":\"oar\",\"version\":\"1.0.0\"}", Map.of());
        var lost = new ReleaseInfo(
                1,
                "orchard",
                ViewFixture.BASE,
                List.of(),
                "npm",
                "oar",
                "oar",
                "1.0.0",
                false,
                true,
                odd.facts().withManifest("[").withNotes(Map.of()),
                ViewFixture.PUBLISHED,
                Map.of(),
                odd.artifacts(),
                List.of());
        var manifest = version(packument(lost).fullDocument(List.of()));
        assertEquals("oar@1.0.0", manifest.path("_id").asText());
        assertFalse(manifest.path("dist").has("fileCount"));
    }

    private static JsonNode version(byte[] packument) throws IOException {
        return JSON.readTree(packument).path("versions").path("1.0.0");
    }

    private static String revision(Packument packument) throws IOException {
        return JSON.readTree(packument.fullDocument(List.of())).path("_rev").asText();
    }

    private static Packument packument(ReleaseInfo... releases) {
        return new Packument(view(Map.of(), releases), REGISTRY);
    }

    private static PackageInfo view(Map<String, String> tags, ReleaseInfo... releases) {
        return new PackageInfo(1, "orchard", "npm", "oar", "oar", List.of(releases), tags, Map.of());
    }

    private static ReleaseInfo release(String packageJson, Map<String, String> others) throws IOException {
        var files = new LinkedHashMap<String, String>(Map.of("package/package.json", packageJson));
        others.forEach((name, text) -> files.put("package/" + name, text));
        var npm = new NpmEcosystem();
        var path = NarCandidate.flat("oar-1.0.0.tgz", ArchiveFixture.tgz(files));
        return ViewFixture.release(npm, npm.recognize(path).findFirst().orElseThrow(), path);
    }

    private static ReleaseInfo withdrawn(ReleaseInfo r, Map<String, String> withdrawals) {
        return new ReleaseInfo(
                r.id(),
                r.cache(),
                r.baseUrl(),
                r.keys(),
                r.ecosystem(),
                r.name(),
                r.normalized(),
                r.version(),
                r.prerelease(),
                r.released(),
                r.facts(),
                r.publishedAt(),
                withdrawals,
                r.artifacts(),
                r.dependencies());
    }
}
