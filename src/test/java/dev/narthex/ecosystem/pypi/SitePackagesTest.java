package dev.narthex.ecosystem.pypi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.ecosystem.TranscoderContract;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult.OfferedFile;
import dev.narthex.spi.TranscodeResult.RefusedPackage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Installed Python projects as builds leave them. */
class SitePackagesTest implements TranscoderContract {
    private static final String SITE = "lib/python3.13/site-packages/";
    private static final String INFO = SITE + "nx_lantern-3.2.1.dist-info/";
    private static final String STORE = "/nix/store/" + NarCandidate.HASH;
    private static final String METADATA =
            "Metadata-Version: 2.4\nName: Nx.Lantern\nVersion: 3.2.1\nRequires-Dist: wick\n";
    private static final String WHEEL =
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n";

    private final PypiEcosystem pypi = new PypiEcosystem();

    @TempDir
    Path folder;

    @Override
    public Ecosystem making() {
        return pypi;
    }

    @Override
    public List<NarCandidate> offeredTrees() {
        return List.of(lantern().path("python3.13-nx-lantern-3.2.1"));
    }

    @Override
    public List<NarCandidate> refusedTrees() {
        return List.of(
                lantern().link(SITE + "nx_lantern/l", STORE + "-fonts/x").path("x-1"),
                lantern()
                        .file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: cp313-cp313-linux_x86_64\n")
                        .path("x-1"),
                lantern().file(SITE + "nx_lantern/_c.so", "\u007fELF").path("x-1"),
                lantern()
                        .file(SITE + "nx_lantern/p.py", "'" + STORE + "-x-1/lib'")
                        .path("x-1"));
    }

    private static StorePathFixture lantern() {
        return new StorePathFixture()
                .file(SITE + "nx_lantern/__init__.py", "LIT = True\n".repeat(50))
                .file(SITE + "nx_lantern/empty.py", "")
                .file(SITE + "nx_lantern/__pycache__/__init__.cpython-313.pyc", "compiled at " + STORE + "-x")
                .file(INFO + "METADATA", METADATA)
                .file(INFO + "WHEEL", WHEEL)
                .file(INFO + "RECORD", "nx_lantern/__init__.py,sha256=old,1\n")
                .file(INFO + "INSTALLER", "pip\n")
                .file(INFO + "direct_url.json", "{\"url\":\"file://" + STORE + "-x\"}");
    }

    @Test
    void installedProjectBecomesItsWheel() throws IOException {
        var offer = only(lantern());
        assertEquals("Nx.Lantern", offer.name());
        assertEquals("3.2.1", offer.version());
        assertEquals("nx_lantern-3.2.1-py2.py3-none-any.whl", offer.filename());
        assertEquals(HashAlgorithm.SHA256, offer.address());
        assertEquals(METADATA, offer.facts().manifest());
        assertEquals("wick", offer.dependencies().getFirst().normalized());
        assertEquals(
                List.of(
                        "nx_lantern/__init__.py",
                        "nx_lantern/empty.py",
                        "nx_lantern-3.2.1.dist-info/METADATA",
                        "nx_lantern-3.2.1.dist-info/WHEEL",
                        "nx_lantern-3.2.1.dist-info/RECORD"),
                List.copyOf(verified(offer).keySet()));
    }

    /** If these bytes change, the version of the transcoder must be incremented. */
    @Test
    void wheelMatchesPublishedDigests() throws IOException {
        var offer = only(lantern());
        var first = made(offer);
        assertEquals("whl-2", pypi.transcoder());
        assertEquals(
                "037143f1f1ebd3a71b889073009e69858f4c8059fb8c09b0e6fd47de2112905a",
                NixHash.sha256(first).hex());
    }

    @Test
    void installedProjectIsRecognized() throws IOException {
        var offer = only(lantern());
        var release = pypi.recognize(NarCandidate.flat(offer.filename(), made(offer)))
                .toList()
                .getFirst();
        assertEquals(offer.facts(), release.facts());
        assertEquals(offer.dependencies(), release.dependencies());
        assertEquals(offer.filename(), release.artifacts().getFirst().filename());
    }

    @Test
    void projectsInOnePathAreSeparatedByTheirRecords() throws IOException {
        var path = lantern()
                .file(SITE + "wick.py", "1\n")
                .file(SITE + "stray.py", "1\n")
                .file(SITE + "wick-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: wick\nVersion: 1.0\n")
                .file(SITE + "wick-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
                .file(SITE + "wick-1.0.dist-info/RECORD", """
                        wick.py,,
                        wick-1.0.dist-info/METADATA,,
                        wick-1.0.dist-info/WHEEL,,
                        wick-1.0.dist-info/RECORD,,
                        """)
                .path("both");
        var told = pypi.transcode(path).toList();
        assertEquals(2, told.size());
        assertEquals(
                List.of("nx_lantern/__init__.py"),
                verified((OfferedFile) told.get(0)).keySet().stream().limit(1).toList());
        assertEquals(
                List.of(
                        "wick.py",
                        "wick-1.0.dist-info/METADATA",
                        "wick-1.0.dist-info/WHEEL",
                        "wick-1.0.dist-info/RECORD"),
                List.copyOf(verified((OfferedFile) told.get(1)).keySet()));
    }

    @Test
    void linkedProjectsBelongToOtherPaths() throws IOException {
        var environment = new StorePathFixture()
                .link(SITE + "wick", STORE + "-wick-1.0/" + SITE + "wick")
                .link(SITE + "wick-1.0.dist-info", STORE + "-wick-1.0/" + SITE + "wick-1.0.dist-info");
        assertEquals(List.of(), pypi.transcode(environment.path("env")).toList());
    }

    @Test
    void scriptsHeadersAndDataHaveTheirWheelPaths() throws IOException {
        var offer = only(lantern()
                .file(INFO + "entry_points.txt", "[console_scripts]\nlantern = nx_lantern:main\n[other]\nshow = x:y\n")
                .file(INFO + "RECORD", """
                        nx_lantern/__init__.py,,
                        ../../../bin/lantern,,
                        ../../../bin/show,,
                        ../../../bin/tool,,
                        ../../../share/man/man1/lantern.1,,
                        "../../../share/a, b",,
                        ../../../include/python3.13/nx_lantern/l.h,,
                        ../../../../../etc/passwd,,
                        ../../../gone,,
                        """)
                .script("bin/lantern", "#!" + STORE + "-python3-3.13/bin/python3.13\n")
                .script(
                        "bin/show",
                        "#!" + STORE + "-bash-5/bin/bash\nexec -a \"$0\" \"" + STORE + "-x/bin/.show-wrapped\"\n")
                .script(
                        "bin/.show-wrapped",
                        "#!" + STORE + "-python3-3.13/bin/python3.13\nimport sys;import site;import functools;"
                                + "functools.reduce(lambda k, p: site.addsitedir(p, k), ['" + STORE
                                + "-x'], site._init_pathinfo());\nprint(1)\n")
                .script("bin/tool", "#!" + STORE + "-bash-5/bin/bash\n")
                .file("share/man/man1/lantern.1", "man\n")
                .file("share/a, b", "comma\n")
                .file("include/python3.13/nx_lantern/l.h", "int l;\n"));
        var files = verified(offer);
        assertEquals("#!python\nprint(1)\n", files.get("nx_lantern-3.2.1.data/scripts/show"));
        assertFalse(files.containsKey("nx_lantern-3.2.1.data/scripts/lantern"));
        assertEquals("man\n", files.get("nx_lantern-3.2.1.data/data/share/man/man1/lantern.1"));
        assertEquals("comma\n", files.get("nx_lantern-3.2.1.data/data/share/a, b"));
        assertEquals("int l;\n", files.get("nx_lantern-3.2.1.data/headers/l.h"));
        assertEquals("#!/usr/bin/env bash\n", files.get("nx_lantern-3.2.1.data/scripts/tool"));
        assertFalse(files.keySet().stream().anyMatch(name -> name.contains("passwd") || name.contains("gone")));
    }

    @Test
    void nativeCodeStorePathsAndLinksOutAreRefused() throws IOException {
        assertEquals(
                "nx_lantern/_c.so is native code, built for one kind of system",
                refusedInMaking(lantern().file(SITE + "nx_lantern/_c.so", "\u007fELF")));
        assertEquals(
                "nx_lantern/p.py names a path in /nix/store, which other machines do not have",
                refusedInMaking(lantern().file(SITE + "nx_lantern/p.py", "lib = '" + STORE + "-z/lib/libz.so'")));
        assertEquals(
                SITE + "nx_lantern/l is a link that leads out of the package",
                refused(lantern().link(SITE + "nx_lantern/l", STORE + "-fonts/x")));
        assertEquals(
                "it was built for one system: linux_x86_64",
                refused(lantern().file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: cp313-cp313-linux_x86_64\n")));
    }

    @Test
    void nameWithoutAWheelFormIsRefused() throws IOException {
        var bare = lantern().file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: py3\n");
        assertEquals("its WHEEL file has no tags that installers read", refused(bare));
        assertEquals(
                "the tags in its WHEEL file cannot be written as a file name",
                refused(lantern().file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-abi3-any\n")));
    }

    /** Python itself reads and verifies every file. */
    @Test
    void pythonReadsTheWheel() throws IOException, InterruptedException {
        var file = folder.resolve("x.whl");
        Files.write(file, made(only(lantern())));
        var python = new ProcessBuilder("/usr/bin/python3", "-m", "zipfile", "-t", file.toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, python.waitFor(), said);
    }

    private OfferedFile only(StorePathFixture planted) throws IOException {
        var told = pypi.transcode(planted.path("lantern")).toList();
        assertEquals(1, told.size(), told.toString());
        return (OfferedFile) told.getFirst();
    }

    private String refused(StorePathFixture planted) throws IOException {
        var refusal = (RefusedPackage)
                pypi.transcode(planted.path("lantern")).toList().getFirst();
        assertEquals("Nx.Lantern 3.2.1", refusal.name() + " " + refusal.version());
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

    /** Returns the files in order, after two zip readers and the RECORD agreed on them. */
    private Map<String, String> verified(OfferedFile offer) throws IOException {
        var bytes = made(offer);
        var name = DistributionName.parse(offer.filename()).orElseThrow();
        assertEquals(
                offer.name(),
                new DistributionReader(name, () -> new ByteArrayInputStream(bytes))
                        .read()
                        .orElseThrow()
                        .metadata()
                        .name());
        var path = Files.write(folder.resolve(offer.filename()), bytes);
        var files = new LinkedHashMap<String, String>();
        WheelRecordChecker.verified(path)
                .forEach((file, content) -> files.put(file, new String(content, StandardCharsets.UTF_8)));
        try (var zip = ZipFile.builder().setPath(path).get()) {
            for (var entry : Collections.list(zip.getEntries())) {
                assertEquals(
                        315_532_800_000L,
                        entry.getTime() + TimeZone.getDefault().getOffset(entry.getTime()));
            }
        }
        return files;
    }
}
