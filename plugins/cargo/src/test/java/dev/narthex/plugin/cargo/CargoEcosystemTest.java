package dev.narthex.plugin.cargo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.EcosystemContract;
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
import org.junit.jupiter.params.provider.ValueSource;

class CargoEcosystemTest extends EcosystemContract {
    static final String LANTERN = """
            [package]
            edition = "2021"
            rust-version = "1.70"
            name = "nx-Lantern"
            version = "3.2.1"
            authors = ["Ada Ferry <ada@example.org>", "Bo Quay"]
            links = "lamp"
            description = "Shows light"
            homepage = "https://example.org/lantern"
            keywords = ["light", "dark"]
            license = "MIT OR Apache-2.0"
            repository = "https://git.example.org/lantern"

            [features]
            default = ["std"]
            std = []
            bright = ["dep:oil", "wick?/long"]

            [dependencies.wick]
            version = "1.0"
            optional = true
            features = ["short"]
            default-features = false

            [dependencies.oil]
            version = "^2"
            package = "harbour-oil"
            optional = true

            [dev-dependencies]
            glass = "*"

            [target."cfg(unix)".build-dependencies.tar]
            version = "0.4"
            registry-index = "https://index.example.org"
            """;

    private final CargoEcosystem cargo = new CargoEcosystem();

    @Override
    protected Ecosystem ecosystem() {
        return cargo;
    }

    @Override
    protected List<String> names() {
        return List.of("serde", "nx-Lantern", "nx_lantern", "RustyXML");
    }

    @Override
    protected List<String> versions() {
        return List.of(
                "next",
                "0.0.0",
                "1.0.0-0",
                "1.0.0-9",
                "1.0.0-10",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.0.0+build.1",
                "1.0.1-0",
                "1.2.0",
                "1.10.0",
                "18446744073709551615.0.0");
    }

    @Override
    protected List<NarCandidate> packages() {
        return List.of(
                NarCandidate.flat("nx-Lantern-3.2.1.crate", crate(LANTERN)),
                NarCandidate.flat("crate-nx-Lantern-3.2.1.tar.gz", crate(LANTERN)),
                NarCandidate.executable("download.crate", crate(LANTERN)));
    }

    @Test
    void aCrateIsAPackageWithTheBytesThatItHas() throws IOException {
        var path = packages().getFirst();
        var release = found(path).orElseThrow();
        assertEquals("nx-Lantern", release.name());
        assertEquals("3.2.1", release.version());
        assertEquals("nx-Lantern-3.2.1.crate", release.artifacts().getFirst().filename());
        assertArrayEquals(crate(LANTERN), path.bytes(release.artifacts().getFirst()));
    }

    @Test
    void theManifestGivesTheFacts() throws IOException {
        var release = found(packages().getFirst()).orElseThrow();
        var facts = release.facts();
        assertEquals("Shows light", facts.summary());
        assertEquals("MIT OR Apache-2.0", facts.licence());
        assertEquals("https://example.org/lantern", facts.homepage());
        assertEquals("https://git.example.org/lantern", facts.repository());
        assertEquals(List.of("Ada Ferry", "Bo Quay"), facts.people());
        assertEquals(List.of("light", "dark"), facts.keywords());
        assertEquals("# Lantern\n", facts.readme().orElseThrow().text());
        assertEquals(
                List.of(
                        new Dependency("wick", "wick", "1.0", "normal"),
                        new Dependency("harbour-oil", "harbour_oil", "^2", "normal"),
                        new Dependency("glass", "glass", "*", "dev"),
                        new Dependency("tar", "tar", "0.4", "build")),
                release.dependencies());
        assertEquals(
                new CargoDetails("1.70", "2021", "lamp", List.of("std"), List.of("std", "bright"), false),
                cargo.details(ViewFixture.release(cargo, release, packages().getFirst())));
    }

    @Test
    void theCommandNamesVersionRegistryAndItsAddress() throws IOException {
        var view = ViewFixture.release(
                cargo, found(packages().getFirst()).orElseThrow(), packages().getFirst());
        assertEquals(
                "cargo add nx-Lantern@3.2.1 --registry orchard --config 'registries.orchard.index="
                        + "\"sparse+http://registry.example.org/registry/orchard/cargo/index/\"'",
                cargo.install(view).getFirst().command());
    }

    @Test
    void spellingsOfOneNameAreOne() {
        assertEquals(cargo.normalize("nx_lantern"), cargo.normalize("NX-Lantern"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[package]\nname = \"other\"\nversion = \"3.2.1\"",
                "[package]\nname = \"nx-Lantern\"\nversion = \"3.2\"",
                "[package]\nname = \"nx-Lantern\"",
                "[package]\nname = \"../nx\"\nversion = \"3.2.1\"",
                "[package]\nname = \"nx-Lantern\"\nversion.workspace = true",
                "[workspace]\nmembers = []",
                "name = ",
                ""
            })
    void whatCargoWouldNotPublishIsNotOffered(String manifest) throws IOException {
        assertEquals(Optional.empty(), found(NarCandidate.flat("nx-Lantern-3.2.1.crate", crate(manifest))));
    }

    @Test
    void cratesThatWouldHurtAreNotOffered() throws IOException {
        assertRefused(with("nx-Lantern-3.2.1/../../x", "y"));
        assertRefused(with("other/x", "y"));
        assertRefused(with("x", "y"));
        assertRefused(with("nx-Lantern-3.2.1/zeros", "\0".repeat(30 << 20)));
        assertRefused(crate("[package]\nname = \"nx-Lantern\"\nversion = \"3.2.1\"\n#" + "x".repeat(1 << 20)));
        assertRefused(crate("[package]\nname = \"nx-Lantern\"\nversion = \"3.2.1\"\nx = " + "[".repeat(500_000)));
        assertRefused(crate("[package]\nname = \"nx-Lantern\"\nversion = \"3.2.1\"\nx = " + "{a=".repeat(200_000)));
        var link = new TarArchiveEntry("nx-Lantern-3.2.1/link", TarConstants.LF_SYMLINK);
        link.setLinkName("/etc/passwd");
        assertRefused(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("nx-Lantern-3.2.1/Cargo.toml"), LANTERN);
            ArchiveFixture.put(tar, link, "");
        })));
    }

    @Test
    void sourcesWithAManifestAreNoCrates() throws IOException {
        assertEquals(Optional.empty(), found(NarCandidate.flat("nx-Lantern-3.2.1.tar.gz", crate(LANTERN))));
        assertEquals(Optional.empty(), found(NarCandidate.folder("x.crate", Map.of("Cargo.toml", LANTERN.getBytes()))));
    }

    private void assertRefused(byte[] crate) throws IOException {
        assertEquals(Optional.empty(), found(NarCandidate.flat("nx-Lantern-3.2.1.crate", crate)));
    }

    private Optional<FoundRelease> found(NarCandidate path) throws IOException {
        return cargo.recognize(path).findFirst();
    }

    private static byte[] with(String path, String text) {
        var files = new LinkedHashMap<>(files(LANTERN));
        files.put(path, text);
        return ArchiveFixture.tgz(files);
    }

    static byte[] crate(String manifest) {
        return ArchiveFixture.tgz(files(manifest));
    }

    private static Map<String, String> files(String manifest) {
        var files = new LinkedHashMap<String, String>();
        files.put("nx-Lantern-3.2.1/Cargo.toml", manifest);
        files.put("nx-Lantern-3.2.1/README.md", "# Lantern\n");
        files.put("nx-Lantern-3.2.1/src/lib.rs", "");
        return files;
    }
}
