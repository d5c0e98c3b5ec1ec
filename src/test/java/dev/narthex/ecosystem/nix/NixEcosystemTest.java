package dev.narthex.ecosystem.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.EcosystemContract;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundRelease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NixEcosystemTest extends EcosystemContract {
    private final NixEcosystem nix = new NixEcosystem();

    @Override
    protected Ecosystem ecosystem() {
        return nix;
    }

    @Override
    protected List<String> names() {
        return List.of("lantern", "python3.13-requests", "Ünï");
    }

    @Override
    protected List<String> versions() {
        return List.of("1.0pre1", "1.0", "1.0.1", "1.1", "2.0", "10.0");
    }

    @Override
    protected List<NarCandidate> packages() {
        return List.of(
                tree("lantern-3.2.1"),
                tree("lantern-3.2.1-man").withDeriver("lantern-3.2.1.drv"),
                NarCandidate.executable("hello-script-1.1", bytes("#!/bin/sh\n")));
    }

    @ParameterizedTest
    @CsvSource({
        "xz-5.8.1-bin, xz-5.8.1.drv, xz, 5.8.1, bin",
        "xz-5.8.1, xz-5.8.1.drv, xz, 5.8.1, out",
        "python3.13-six-1.17.0-dist, python3.13-six-1.17.0.drv, python3.13-six, 1.17.0, dist",
        "react-19.0.0-rc.1, react-19.0.0-rc.1.drv, react, 19.0.0-rc.1, out",
        "_at_types_slash_node-22.10.1, , _at_types_slash_node, 22.10.1, out",
        "jq-1.7.1-doc, , jq, 1.7.1, doc",
        "jq-1.7.1-strange, , jq, 1.7.1-strange, out",
        "jq-1.7.1-strange, jq-1.7.1.drv, jq, 1.7.1, strange",
        "jq-1.7.1, other-2.drv, jq, 1.7.1, out"
    })
    void nameVersionAndOutputComeFromTheDeriverElseFromTheName(
            String path, String deriver, String name, String version, String output) throws IOException {
        var tree = deriver == null ? tree(path) : tree(path).withDeriver(deriver);
        var release = found(tree).orElseThrow();
        assertEquals(name, release.name());
        assertEquals(version, release.version());
        assertEquals(output, release.artifacts().getFirst().output());
        assertEquals(tree.narSize(), release.artifacts().getFirst().length());
        assertEquals(tree.path().baseName(), release.artifacts().getFirst().filename());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source",
                "lantern",
                "lantern-3.2.1.drv",
                "lantern-3.2.1-npm-deps",
                "lantern-3.2.1-source",
                "hook.sh"
            })
    void buildHelpersAndUnversionedPathsAreIgnored(String name) throws IOException {
        assertEquals(Optional.empty(), found(tree(name)));
    }

    @Test
    void downloadsTextsAndArchivesAreIgnored() throws IOException {
        assertEquals(Optional.empty(), found(NarCandidate.flat("lodash-4.17.21.tgz", bytes("x"))));
        var text = NarCandidate.executable("settings-1.0", bytes("a = 1"));
        assertEquals(Optional.empty(), found(text.withCa(new ContentAddress.Text(NixHash.sha256(bytes("a = 1"))))));
        assertEquals(Optional.empty(), found(NarCandidate.executable("docker-image-jq-1.7.tar.gz", bytes("x"))));
    }

    @Test
    void factsComeFromMetaAndDerivation() throws IOException {
        var meta = new DerivationMeta(
                "tools.lantern",
                "lantern-3.2.1",
                "lantern",
                "3.2.1",
                "aarch64-linux",
                "Shows <b>light</b>\nfor all",
                "Long *text*",
                List.of("javascript:alert(1)", "https://example.org/lantern"),
                List.of("MIT", "0BSD"),
                List.of("Ada Ferry"),
                List.of("CVE-2025-1"),
                "lantern",
                "https://example.org/changes",
                "{\"mainProgram\":\"lantern\",\"changelog\":\"https://example.org/changes\"}");
        var path = tree("lantern-3.2.1").withMeta(meta);
        var facts = found(path).orElseThrow().facts();
        assertEquals("Shows <b>light</b> for all", facts.summary());
        assertEquals("MIT, 0BSD", facts.licence());
        assertEquals("https://example.org/lantern", facts.homepage());
        assertEquals("text/markdown", facts.readme().orElseThrow().format());
        assertEquals(List.of("tools.lantern"), facts.keywords());
        assertEquals(List.of("CVE-2025-1"), facts.vulnerabilities());
        assertEquals(
                "aarch64-linux",
                found(path).orElseThrow().artifacts().getFirst().platform());

        var details = nix.details(ViewFixture.release(nix, found(path).orElseThrow(), path));
        assertEquals("lantern", details.mainProgram());
        assertEquals("https://example.org/changes", details.changelog());
        assertEquals(List.of("out"), details.outputs());

        var drv = "Derive([(\"man\",\"" + path.path() + "\",\"\",\"\")],[],[],\"x86_64-linux\",\"/bin/sh\",[],"
                + "[(\"description\",\"Shows light\"),(\"pname\",\"Lantern\")])";
        var built = found(tree("lantern-3.2.1").withDeriver("lantern-3.2.1.drv").withDerivation(drv))
                .orElseThrow();
        assertEquals("x86_64-linux", built.artifacts().getFirst().platform());
        assertEquals("man", built.artifacts().getFirst().output());
        assertEquals("Shows light", built.facts().summary());
        assertEquals(List.of("Lantern"), built.facts().keywords());
    }

    @Test
    void readmeInShareDocIsShown() throws IOException {
        var readme = found(tree("lantern-3.2.1")).orElseThrow().facts().readme().orElseThrow();
        assertEquals("# Lantern", readme.text());
        assertEquals("text/markdown", readme.format());
    }

    @Test
    void prereleasesFollowNix() {
        for (var version : List.of("1.0pre20240501_abc", "2.0-rc1", "2.0rc.1", "1.0-beta.2", "19.0.0-alpha")) {
            assertTrue(nix.prerelease(version), version);
        }
        for (var version : List.of("1.0", "2.5.prefix", "3.0-march", "1.0-unstable-2024-05-01")) {
            assertTrue(!nix.prerelease(version), version);
        }
    }

    @Test
    void commandNamesPathAndCache() throws IOException {
        var path = tree("lantern-3.2.1");
        var snippet = nix.install(ViewFixture.release(nix, found(path).orElseThrow(), path))
                .getFirst();
        assertEquals(
                "nix-store --realise /nix/store/" + path.path().baseName()
                        + " --option extra-substituters http://registry.example.org/orchard"
                        + " --option extra-trusted-public-keys orchard:pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=",
                snippet.command());
    }

    private Optional<FoundRelease> found(NarCandidate path) throws IOException {
        return nix.recognize(path).findFirst();
    }

    private static NarCandidate tree(String name) {
        return NarCandidate.folder(
                name,
                Map.of(
                        "bin/lantern", bytes("#!/bin/sh\n"),
                        "share/doc/lantern/README.md", bytes("# Lantern"),
                        "share/doc/lantern/COPYING", bytes("MIT")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
