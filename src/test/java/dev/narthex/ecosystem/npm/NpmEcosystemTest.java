package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.EcosystemContract;
import dev.narthex.ecosystem.npm.NpmDetails.RegistrySignature;
import dev.narthex.ecosystem.npm.NpmDetails.Script;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundRelease;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpmEcosystemTest extends EcosystemContract {
    private static final String LANTERN = """
            {"name":"@harbour/lantern","version":"3.2.1","description":"Shows light","license":"MIT",
             "author":"Ada Ferry <ada@example.org> (https://example.org)","maintainers":[{"name":"Bo Quay"}],
             "homepage":"https://example.org/lantern","repository":"github:harbour/lantern","keywords":["light","dark"],
             "engines":{"node":">=18"},"bin":{"lantern":"cli.js"},"scripts":{"test":"tap\\n-R min","postinstall":"node x.js"},
             "dependencies":{"wick":"^1.0.0","oil":"npm:@harbour/oil@2"},"devDependencies":{"tap":"*"},
             "peerDependencies":{"glass":">=1"},"optionalDependencies":{"match":"1.x"},"n":1.10}
            """;

    private final NpmEcosystem npm = new NpmEcosystem();

    @Override
    protected Ecosystem ecosystem() {
        return npm;
    }

    @Override
    protected List<String> names() {
        return List.of("lodash", "@harbour/lantern", "JSONStream");
    }

    @Override
    protected List<String> versions() {
        return List.of(
                "0.0.0",
                "1.0.0-0",
                "1.0.0-9",
                "1.0.0-10",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.0.1-0",
                "1.2.0",
                "1.10.0",
                "2.0.0",
                "9007199254740991.0.0");
    }

    @Override
    protected List<NarCandidate> packages() {
        return List.of(lantern(LANTERN), NarCandidate.executable("lantern-3.2.1.tgz", tarball(LANTERN)));
    }

    @Test
    void tarballIsServedUnchanged() throws IOException {
        var path = lantern(LANTERN);
        var release = found(path).orElseThrow();
        assertEquals("@harbour/lantern", release.name());
        assertEquals("3.2.1", release.version());
        assertEquals("lantern-3.2.1.tgz", release.artifacts().getFirst().filename());
        assertEquals(96, release.artifacts().getFirst().offset());
        assertArrayEquals(tarball(LANTERN), path.bytes(release.artifacts().getFirst()));
        var executable = NarCandidate.executable("lantern-3.2.1.tgz", tarball(LANTERN));
        assertArrayEquals(
                tarball(LANTERN),
                executable.bytes(found(executable).orElseThrow().artifacts().getFirst()));
    }

    @Test
    void factsComeFromPackageJson() throws IOException {
        var release = found(lantern(LANTERN)).orElseThrow();
        var facts = release.facts();
        assertEquals("Shows light", facts.summary());
        assertEquals("MIT", facts.licence());
        assertEquals("https://example.org/lantern", facts.homepage());
        assertEquals("https://github.com/harbour/lantern", facts.repository());
        assertEquals(List.of("Ada Ferry", "Bo Quay"), facts.people());
        assertEquals(List.of("light", "dark"), facts.keywords());
        assertEquals("# Lantern\n", facts.readme().orElseThrow().text());
        assertEquals(LANTERN, facts.manifest());
        assertEquals(
                List.of(
                        new Dependency("wick", "wick", "^1.0.0", "runtime"),
                        new Dependency("oil", "@harbour/oil", "npm:@harbour/oil@2", "runtime"),
                        new Dependency("tap", "tap", "*", "dev"),
                        new Dependency("glass", "glass", ">=1", "peer"),
                        new Dependency("match", "match", "1.x", "optional")),
                release.dependencies());
        var details = npm.details(ViewFixture.release(npm, release, lantern(LANTERN)), ViewFixture::signer);
        assertEquals(List.of("node >=18"), details.engines());
        assertEquals(List.of("lantern"), details.commands());
        assertEquals(List.of(new Script("postinstall", "node x.js")), details.installScripts());
        assertEquals(List.of(new Script("test", "tap -R min")), details.scripts());
        assertEquals(3, details.files());
        assertEquals(LANTERN.length() + "# Lantern\nno".length(), details.unpackedSize());
        assertEquals(
                new RegistrySignature(
                        "SHA256:A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc+4E",
                        "http://registry.example.org/registry/orchard/npm/-/npm/v1/keys"),
                details.signature().orElseThrow());
    }

    @Test
    void topFolderMayHaveAnyName() throws IOException {
        var tar = ArchiveFixture.tgz(
                Map.of("node/package.json", "{\"name\":\"@types/node\",\"version\":\"v22.10.1+build\"}"));
        var release = found(NarCandidate.flat("node-22.10.1.tgz", tar)).orElseThrow();
        assertEquals("@types/node", release.name());
        assertEquals("22.10.1", release.version());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"lantern\",\"version\":\"1.0\"}",
                "{\"name\":\"lantern\"}",
                "{\"version\":\"1.0.0\"}",
                "{\"name\":\"../lantern\",\"version\":\"1.0.0\"}",
                "{\"name\":\"node_modules\",\"version\":\"1.0.0\"}",
                "{\"name\":\"_lantern\",\"version\":\"1.0.0\"}",
                "{\"name\":\"lantern\",\"version\":\"01.0.0\"}",
                "{\"name\":\"lantern\",\"version\":\"1.0.0\",\"private\":true}",
                "{\"name\":\"lantern\",\"version\":\"1.0.0\"} and more",
                "[\"name\"]",
                ""
            })
    void unpublishablePackagesAreNotOffered(String packageJson) throws IOException {
        assertEquals(Optional.empty(), found(lantern(packageJson)));
    }

    @Test
    void hostileTarballsAreNotOffered() throws IOException {
        var good = "{\"name\":\"lantern\",\"version\":\"1.0.0\"}";
        assertRefused(files("package/package.json", good, "package/../../x", "y"));
        assertRefused(files("package/package.json", good, "/etc/x", "y"));
        assertRefused(files("package/package.json", good, "other/package.json", good));
        assertRefused(files("package.json", good));
        assertRefused(files("package/package.json", good, "package/" + "a/".repeat(600) + "x", "y"));
        assertRefused(files("package/package.json", good, "package/zeros", "\0".repeat(30 << 20)));
        assertRefused(files("package/package.json", good.replace("}", ",\"x\":\"" + "y".repeat(1 << 20) + "\"}")));
        var link = new TarArchiveEntry("package/link", TarConstants.LF_SYMLINK);
        link.setLinkName("/etc/passwd");
        assertRefused(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("package/package.json"), good);
            ArchiveFixture.put(tar, link, "");
        })));
        assertEquals(
                "lantern",
                found(NarCandidate.flat("x.tgz", files("package/package.json", good)))
                        .orElseThrow()
                        .name());
    }

    @Test
    void otherFilesAreIgnored() throws IOException {
        assertEquals(Optional.empty(), found(NarCandidate.flat("lantern-3.2.1.zip", tarball(LANTERN))));
        assertEquals(Optional.empty(), found(NarCandidate.flat("lantern-3.2.1.tgz", "no gzip".getBytes())));
        assertEquals(Optional.empty(), found(NarCandidate.folder("x.tgz", Map.of("package.json", LANTERN.getBytes()))));
    }

    @ParameterizedTest
    @CsvSource({
        "harbour/lantern, https://github.com/harbour/lantern",
        "gitlab:harbour/sub/lantern, https://gitlab.com/harbour/sub/lantern",
        "git+https://git.example.org/lantern.git, https://git.example.org/lantern",
        "git://git.example.org/lantern.git#main, https://git.example.org/lantern",
        "git+ssh://git@git.example.org/lantern.git, https://git.example.org/lantern",
        "git@git.example.org:harbour/lantern.git, https://git.example.org/harbour/lantern",
        "http://git.example.org/lantern, http://git.example.org/lantern",
        "https://user:secret@git.example.org/lantern, https://git.example.org/lantern",
        "javascript:alert(1), ''",
        "lantern, ''"
    })
    void repositoriesAreAddressesThatBrowsersOpen(String written, String address) throws IOException {
        var json = "{\"name\":\"x\",\"version\":\"1.0.0\",\"repository\":{\"url\":\"" + written + "\"}}";
        assertEquals(address, found(lantern(json)).orElseThrow().facts().repository());
    }

    private void assertRefused(byte[] tarball) throws IOException {
        assertEquals(Optional.empty(), found(NarCandidate.flat("lantern-1.0.0.tgz", tarball)));
    }

    private Optional<FoundRelease> found(NarCandidate path) throws IOException {
        return npm.recognize(path).findFirst();
    }

    private static NarCandidate lantern(String packageJson) {
        return NarCandidate.flat("lantern-3.2.1.tgz", tarball(packageJson));
    }

    private static byte[] tarball(String packageJson) {
        return files(
                "package/README.md",
                "# Lantern\n",
                "package/package.json",
                packageJson,
                "package/docs/README.md",
                "no");
    }

    private static byte[] files(String... pairs) {
        var files = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) {
            files.put(pairs[i], pairs[i + 1]);
        }
        return ArchiveFixture.tgz(files);
    }
}
