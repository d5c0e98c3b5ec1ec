package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.archive.TarReader;
import dev.narthex.ecosystem.TranscoderContract;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.TranscodeResult.OfferedFile;
import dev.narthex.spi.TranscodeResult.RefusedPackage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

/** Trees of npm packages as builds leave them. */
class NodeModulesTest implements TranscoderContract {
    private static final String ROOT = "lib/node_modules/";
    private static final String STORE = "/nix/store/" + NarCandidate.HASH;
    private static final String LANTERN = "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"bin\":\"./cli.js\"}";

    private final NpmEcosystem npm = new NpmEcosystem();

    @Override
    public Ecosystem making() {
        return npm;
    }

    @Override
    public List<NarCandidate> offeredTrees() {
        return List.of(
                lantern().path("lantern-3.2.1"),
                new StorePathFixture()
                        .file(ROOT + "@harbour/oil/package.json", "{\"name\":\"@harbour/oil\",\"version\":\"2.0.0\"}")
                        .file(ROOT + "wick/package.json", "{\"name\":\"wick\",\"version\":\"1.0.0\"}")
                        .file(ROOT + "wick/node_modules/oil/package.json", "{\"name\":\"oil\",\"version\":\"1.0.0\"}")
                        .path("harbour-1.0"));
    }

    @Override
    public List<NarCandidate> refusedTrees() {
        return List.of(
                lantern().link(ROOT + "lantern/cfg", "/etc/passwd").path("lantern-3.2.1"),
                lantern().file(ROOT + "lantern/a\\b", "").path("lantern-3.2.1"),
                lantern().file(ROOT + "lantern/wick.node", "\u007fELF").path("lantern-3.2.1"),
                lantern()
                        .file(ROOT + "lantern/x.js", "'" + STORE + "-lantern-3.2.1/bin/x'")
                        .path("lantern-3.2.1"));
    }

    private static StorePathFixture lantern() {
        return new StorePathFixture()
                .file(ROOT + "lantern/package.json", LANTERN)
                .file(ROOT + "lantern/README.md", "# Lantern\n")
                .file(ROOT + "lantern/lib/wick.js", "1\n")
                .script(ROOT + "lantern/cli.js", "#!/usr/bin/env node\n");
    }

    @Test
    void treeBecomesTheTarballThatNpmPackCreates() throws IOException {
        var offer = only(lantern());
        assertEquals("lantern", offer.name());
        assertEquals("3.2.1", offer.version());
        assertEquals("lantern-3.2.1.tgz", offer.filename());
        assertEquals(HashAlgorithm.SHA512, offer.address());
        assertEquals("# Lantern\n", offer.facts().readme().orElseThrow().text());
        assertEquals(LANTERN, offer.facts().manifest());
        assertEquals(
                List.of("package/cli.js", "package/lib/wick.js", "package/package.json", "package/README.md"),
                List.copyOf(unpacked(offer).keySet()));
    }

    /** If these bytes change, the version of the transcoder must be incremented. */
    @Test
    void tarballMatchesPublishedDigests() throws IOException {
        var offer = only(lantern());
        var first = made(offer);
        assertEquals("tgz-2", npm.transcoder());
        assertEquals(
                "sha512-J1UaHe7DFoSLHSpdEFfxiPIf4W/3ogBkPmjNgPfb9Ot8A9fYxOz6IAG2jlkYtHfXTaOiVyxsClRGiEIzLej2MA==",
                NixHash.of(
                                HashAlgorithm.SHA512,
                                HashAlgorithm.SHA512.newDigest().digest(first))
                        .sri());
    }

    @Test
    void pathMayContainScopedAndLinkedPackages() throws IOException {
        var path = lantern()
                .file(ROOT + "@harbour/oil/package.json", "{\"name\":\"@harbour/oil\",\"version\":\"2.0.0\"}")
                .file("packages/wick/package.json", "{\"name\":\"wick\",\"version\":\"1.0.0\"}")
                .link(ROOT + "wick", "../../packages/wick")
                .link(ROOT + "other", STORE + "-other-1.0/lib/node_modules/other")
                .file(ROOT + "nothing/index.js", "1\n")
                .path("lantern-3.2.1");
        assertEquals(
                List.of("oil-2.0.0.tgz", "lantern-3.2.1.tgz", "wick-1.0.0.tgz"),
                npm.transcode(path).map(t -> ((OfferedFile) t).filename()).toList());
    }

    @Test
    void devDependenciesAreLeftOut() throws IOException {
        var offer = only(lantern()
                .file(ROOT + "lantern/node_modules/wick/package.json", "{\"name\":\"wick\",\"version\":\"1.0.0\"}")
                .link(ROOT + "lantern/node_modules/oil", STORE + "-oil-1.0/lib/node_modules/oil")
                .file(ROOT + "lantern/test/node_modules/kept.js", "1\n")
                .file(ROOT + "lantern/.npmrc", "//registry.example.org/:_authToken=secret"));
        assertEquals(
                List.of("cli.js", "test/node_modules/kept.js", "lib/wick.js", "package.json", "README.md"),
                names(offer));
    }

    @Test
    void bundledDependenciesAreIncludedTransitively() throws IOException {
        var offer = only(new StorePathFixture()
                .file(
                        ROOT + "lantern/package.json",
                        "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"bundleDependencies\":[\"wick\"]}")
                .file(ROOT + "lantern/node_modules/.bin/wick", "x")
                .file(ROOT + "lantern/node_modules/wick/package.json", "{\"dependencies\":{\"@harbour/wax\":\"1\"}}")
                .file(ROOT + "lantern/node_modules/@harbour/wax/package.json", "{\"dependencies\":{\"wick\":\"1\"}}")
                .file(ROOT + "lantern/node_modules/@harbour/tar/package.json", "{}")
                .file(ROOT + "lantern/node_modules/oil/package.json", "{}"));
        assertEquals(
                List.of("node_modules/@harbour/wax/package.json", "node_modules/wick/package.json", "package.json"),
                names(offer).stream().sorted().toList());
    }

    @Test
    void patchedShebangsAreReverted() throws IOException {
        var offer = only(lantern().script(ROOT + "lantern/cli.js", "#!" + STORE + "-nodejs-20.1/bin/node\nrun()\n"));
        assertEquals("#!/usr/bin/env node\nrun()\n", unpacked(offer).get("package/cli.js"));
        assertEquals(0755, modes(offer).get("package/cli.js"));
    }

    @Test
    void binFilesAreExecutable() throws IOException {
        var offer = only(lantern().file(ROOT + "lantern/cli.js", "#!/usr/bin/env node\n"));
        assertEquals(0755, modes(offer).get("package/cli.js"));
        assertEquals(0644, modes(offer).get("package/README.md"));
    }

    @Test
    void internalLinksBecomeFilesAndDanglingOnesAreSkipped() throws IOException {
        var offer = only(lantern()
                .file("share/licence", "MIT\n")
                .link(ROOT + "lantern/LICENSE", "../../../share/licence")
                .link(ROOT + "lantern/own", STORE + "-lantern-3.2.1/lib/node_modules/lantern/lib")
                .link(ROOT + "lantern/gone", "../gone"));
        assertEquals("MIT\n", unpacked(offer).get("package/LICENSE"));
        assertEquals("1\n", unpacked(offer).get("package/own/wick.js"));
        assertEquals(6, names(offer).size());
    }

    @Test
    void linksOutOfThePathAreRefused() throws IOException {
        assertEquals(
                "lib/node_modules/lantern/cfg is a link that leads out of the package",
                refused(lantern().link(ROOT + "lantern/cfg", "/etc/passwd")));
        assertEquals(
                "lib/node_modules/lantern/up is a link that leads out of the package",
                refused(lantern().link(ROOT + "lantern/up", "../../../../x")));
    }

    @Test
    void cyclicLinksAreRefused() throws IOException {
        refused(lantern().link(ROOT + "lantern/again", ".").link(ROOT + "lantern/more", "lib/.."));
    }

    @Test
    void buildMetadataIsRemovedFromPackageJson() throws IOException {
        var offer = only(lantern()
                .file(
                        ROOT + "lantern/package.json",
                        "{\"name\":\"lantern\",\"_resolved\":\"file:" + STORE
                                + "-x.tgz\",\"version\":\"3.2.1\",\"_id\":\"x\",\"n\":1.10}"));
        var expected = "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"n\":1.10}\n";
        assertEquals(expected, unpacked(offer).get("package/package.json"));
        assertEquals(expected, offer.facts().manifest());
    }

    @Test
    void privatePackagesAreNotOffered() throws IOException {
        assertEquals(
                "its package.json says \"private\": true",
                refused(lantern()
                        .file(
                                ROOT + "lantern/package.json",
                                "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"private\":true}")));
    }

    @Test
    void nonPortableNamesAreRefused() throws IOException {
        assertEquals(
                "readme.md has a name that differs from another one only in case or form",
                refused(lantern().file(ROOT + "lantern/readme.md", "")));
        assertEquals("\uFFFD has a name that is not UTF-8", refused(lantern().file(ROOT + "lantern/\uDCFF", "")));
        assertEquals(
                "a\\b has a name that is not valid on every system",
                refused(lantern().file(ROOT + "lantern/a\\b", "")));
        var deep = ("d".repeat(250) + "/").repeat(4) + "x";
        refused(lantern().file(ROOT + "lantern/" + deep, ""));
    }

    @Test
    void nativeCodeAndStorePathsAreRefused() throws IOException {
        assertEquals(
                "build/wick.node is native code, built for one kind of system",
                refusedInMaking(lantern().file(ROOT + "lantern/build/wick.node", "\u007fELF...")));
        assertEquals(
                "lib/paths.js names a path in /nix/store, which other machines do not have",
                refusedInMaking(lantern().file(ROOT + "lantern/lib/paths.js", "x = '" + STORE + "-git-2.1/bin/git'")));
        assertEquals(
                "package.json names a path in /nix/store, which other machines do not have",
                refusedInMaking(lantern()
                        .file(
                                ROOT + "lantern/package.json",
                                "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"x\":\"" + STORE + "-x\"}")));
    }

    /** lodash 4.17.21 contains one in its flake.lock, from its author's machine. */
    @Test
    void unreferencedStorePathsAreText() throws IOException {
        var text = "\"path\": \"/nix/store/171lwvxvsp63kvphgim1g8n7ac7inydm-source\"";
        assertEquals(
                text,
                unpacked(only(lantern().file(ROOT + "lantern/flake.lock", text)))
                        .get("package/flake.lock"));
    }

    @Test
    void collectionOfPackagesIsNotOffered() throws IOException {
        var many = new StorePathFixture();
        for (int i = 0; i < 201; i++) {
            many.file(ROOT + "p" + i + "/package.json", "{\"name\":\"p" + i + "\",\"version\":\"1.0.0\"}");
        }
        var told = npm.transcode(many.path("many-1.0")).toList();
        assertEquals(1, told.size());
        assertEquals(RefusedPackage.class, told.getFirst().getClass());
    }

    @Test
    void otherPathsAreIgnored() throws IOException {
        for (var path : List.of(
                NarCandidate.flat("lib", new byte[0]),
                new StorePathFixture().file("lib/node_modules", "").path("x"),
                new StorePathFixture().link("lib", "/etc").path("x"),
                new StorePathFixture().file(ROOT + "x/index.js", "1").path("x"))) {
            assertEquals(List.of(), npm.transcode(path).toList());
        }
    }

    @Test
    void memoryDoesNotDependOnPackageSize() throws IOException {
        var big = new byte[40 << 20];
        new Random(1).nextBytes(big);
        var path = lantern().file(ROOT + "lantern/big.txt", big).path("lantern-3.2.1");
        var offer = (OfferedFile) npm.transcode(path).toList().getFirst();
        try (var in = offer.maker().open()) {
            assertEquals(0x1f, in.read());
        }
        assertEquals(40 << 20, unpackedSize(offer));
    }

    private OfferedFile only(StorePathFixture planted) throws IOException {
        var told = npm.transcode(planted.path("lantern-3.2.1")).toList();
        assertEquals(1, told.size(), told.toString());
        return (OfferedFile) told.getFirst();
    }

    private String refused(StorePathFixture planted) throws IOException {
        List<TranscodeResult> told =
                npm.transcode(planted.path("lantern-3.2.1")).toList();
        var refusal = (RefusedPackage) told.getFirst();
        assertEquals("lantern 3.2.1", refusal.name() + " " + refusal.version());
        return refusal.reason();
    }

    private String refusedInMaking(StorePathFixture planted) throws IOException {
        var offer = only(planted);
        return assertThrows(NotOfferedException.class, () -> made(offer)).reason();
    }

    private static byte[] made(OfferedFile offer) throws IOException {
        try (var in = offer.maker().open()) {
            return in.readAllBytes();
        }
    }

    private static List<String> names(OfferedFile offer) throws IOException {
        return unpacked(offer).keySet().stream()
                .map(path -> path.substring("package/".length()))
                .toList();
    }

    private static Map<String, String> unpacked(OfferedFile offer) throws IOException {
        var files = new LinkedHashMap<String, String>();
        var tar = new TarReader(new GZIPInputStream(ArchiveFixture.source(made(offer))));
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            files.put(entry.get().path(), new String(tar.content().readAllBytes(), StandardCharsets.UTF_8));
        }
        return files;
    }

    private static long unpackedSize(OfferedFile offer) throws IOException {
        long largest = 0;
        try (var in = offer.maker().open()) {
            var tar = new TarReader(new GZIPInputStream(in));
            for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
                largest = Math.max(largest, entry.get().size());
            }
        }
        return largest;
    }

    private static Map<String, Integer> modes(OfferedFile offer) throws IOException {
        var modes = new LinkedHashMap<String, Integer>();
        var tar = new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(made(offer))));
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            modes.put(entry.getName(), entry.getMode() & 0777);
        }
        return modes;
    }
}
