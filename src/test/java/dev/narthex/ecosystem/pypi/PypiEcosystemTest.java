package dev.narthex.ecosystem.pypi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.EcosystemContract;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.TranscodeResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PypiEcosystemTest extends EcosystemContract {
    private static final String WHEEL = "Nx_Lantern-3.2.1-py3-none-any.whl";
    private static final String METADATA = """
            Summary: Shows light
            License-Expression: MIT
            Author-email: "Ada Ferry" <ada@example.org>, Bo Quay <bo@example.org>, nobody@example.org
            Keywords: light, dark
            Project-URL: Homepage, https://example.org/lantern
            Project-URL: Source, https://git.example.org/lantern
            Requires-Python: >=3.9
            Requires-Dist: wick (<2,>=1)
            Requires-Dist: oil[lamp]>=2; python_version < "3.12"
            Requires-Dist: Py_Socks!=1.5.7 ; extra == "socks"
            Provides-Extra: socks
            Description-Content-Type: text/markdown; charset=UTF-8

            # Lantern

            Shows light.
            """;

    private final PypiEcosystem pypi = new PypiEcosystem();

    @Override
    protected Ecosystem ecosystem() {
        return pypi;
    }

    @Override
    protected List<String> names() {
        return List.of("Nx_Lantern", "nx.lantern", "six", "a-_.b");
    }

    /** The example of PEP 440, "Summary of permitted suffixes and relative ordering", and some more. */
    @Override
    protected List<String> versions() {
        return List.of(
                "0.9",
                "1.dev0",
                "1.0.dev456",
                "1.0a1",
                "1.0a2.dev456",
                "1.0a12.dev456",
                "1.0a12",
                "1.0b1.dev456",
                "1.0b2",
                "1.0b2.post345.dev456",
                "1.0b2.post345",
                "1.0rc1.dev456",
                "1.0rc1",
                "1.0",
                "1.0+abc",
                "1.0+abc.5",
                "1.0+abc.7",
                "1.0+5",
                "1.0+5.a",
                "1.0.post456.dev34",
                "1.0.post456",
                "1.0.15",
                "1.1.dev1",
                "1.1",
                "1.10",
                "1!0.1");
    }

    @Override
    protected List<NarCandidate> packages() {
        return List.of(
                NarCandidate.flat(WHEEL, wheel()), NarCandidate.flat("nx-lantern-3.2.1.tar.gz", sdist()), dist());
    }

    @Test
    void distOutputIsOneReleaseWithItsFiles() throws IOException {
        var release = only(dist());
        assertEquals("Nx_Lantern", release.name());
        assertEquals("3.2.1", release.version());
        assertEquals(2, release.artifacts().size());
        assertEquals(WHEEL, release.artifacts().getFirst().filename());
        assertEquals(WHEEL, release.artifacts().getFirst().file());
        assertArrayEquals(wheel(), dist().bytes(release.artifacts().get(0)));
        assertArrayEquals(sdist(), dist().bytes(release.artifacts().get(1)));
    }

    @Test
    void factsComeFromTheMetadata() throws IOException {
        var release = only(NarCandidate.flat(WHEEL, wheel()));
        var facts = release.facts();
        assertEquals("Shows light", facts.summary());
        assertEquals("MIT", facts.licence());
        assertEquals("https://example.org/lantern", facts.homepage());
        assertEquals("https://git.example.org/lantern", facts.repository());
        assertEquals(List.of("Ada Ferry", "Bo Quay"), facts.people());
        assertEquals(List.of("light", "dark"), facts.keywords());
        assertEquals("# Lantern\n\nShows light.\n", facts.readme().orElseThrow().text());
        assertEquals("text/markdown", facts.readme().orElseThrow().format());
        assertEquals("Metadata-Version: 2.4\nName: Nx_Lantern\nVersion: 3.2.1\n" + METADATA, facts.manifest());
        assertEquals(
                List.of(
                        new Dependency("wick", "wick", "<2,>=1", "runtime"),
                        new Dependency("oil", "oil", ">=2; python_version < \"3.12\"", "runtime"),
                        new Dependency("Py_Socks", "py-socks", "!=1.5.7; extra == \"socks\"", "socks")),
                release.dependencies());
        var details = pypi.details(ViewFixture.release(pypi, release, NarCandidate.flat(WHEEL, wheel())));
        assertEquals(new PypiDetails(">=3.9", List.of("py3-none-any"), List.of("socks"), List.of()), details);
    }

    @Test
    void foldedAndOldMetadataIsRead() {
        var old = CoreMetadata.parse(
                "Name: six\nVersion: 1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n"
                        + "Author: Ada\nDescription: One\n        Two\n        \n            Three\n");
        assertEquals("MIT License", old.facts(List.of()).licence());
        assertEquals(
                "One\nTwo\n\n    Three",
                old.facts(List.of()).readme().orElseThrow().text());
        assertEquals("text/x-rst", old.facts(List.of()).readme().orElseThrow().format());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nx_lantern-3.2.2-py3-none-any.whl",
                "other-3.2.1-py3-none-any.whl",
                "nx_lantern-3.2.1-py3-none.whl",
                "nx_lantern-3.2.1-b1-py3-none-any.whl",
                "nx_lantern-x.y-py3-none-any.whl",
                "nx_lantern-3.2.1-py3-none-any.zip"
            })
    void fileThatContradictsItsMetadataIsNotOffered(String filename) throws IOException {
        assertEquals(0, pypi.recognize(NarCandidate.flat(filename, wheel())).count());
    }

    @Test
    void equalVersionsInOtherSpellingsAgree() throws IOException {
        var wheel = ArchiveFixture.wheel("nx_lantern", "1.0rc1", "");
        assertEquals(
                "1.0rc1",
                only(NarCandidate.flat("nx_lantern-1.0.c1-1build-py3-none-any.whl", wheel))
                        .version());
    }

    @Test
    void filesOfOneReleaseForSeveralPythonsKeepTheirNames() throws IOException {
        var names = List.of(
                "Nx_Lantern-3.2.1-1-py2.py3-none-any.whl",
                "Nx_Lantern-3.2.1-2local-cp312.cp313-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "Nx_Lantern-3.2.1-cp312-cp312-linux_x86_64.whl",
                "Nx_Lantern-3.2.1-cp313-cp313-linux_x86_64.whl",
                "nx-lantern-3.2.1.tar.gz");
        var files = new TreeMap<String, byte[]>();
        names.forEach(name -> files.put(name, name.endsWith(".whl") ? wheel() : sdist()));
        var release = only(NarCandidate.folder("python3-nx-lantern-3.2.1-dist", files));
        assertEquals(
                names, release.artifacts().stream().map(FoundArtifact::filename).toList());
    }

    @Test
    void firstNonHeaderLineStartsTheBody() {
        var odd = CoreMetadata.parse("Name: a\rVersion: 1\r\nno header\nRequires-Python: >=9\n");
        assertEquals("a", odd.name());
        assertEquals("1", odd.version());
        assertEquals("", odd.requiresPython());
        assertEquals("no header\nRequires-Python: >=9\n", odd.body());
    }

    @Test
    void folderWithSeveralProjectsIsNoPackage() throws IOException {
        var mixed = NarCandidate.folder(
                "wheels", Map.of(WHEEL, wheel(), "six-1.0-py3-none-any.whl", ArchiveFixture.wheel("six", "1.0", "")));
        assertEquals(0, pypi.recognize(mixed).count());
        var reason = ": the folder has files of several projects; put each project into its own path";
        assertEquals(
                List.of(
                        new TranscodeResult.RefusedPackage("Nx_Lantern", "3.2.1", WHEEL + reason),
                        new TranscodeResult.RefusedPackage("six", "1.0", "six-1.0-py3-none-any.whl" + reason)),
                pypi.transcode(mixed).toList());
    }

    @Test
    void skippedFilesHaveAReason() throws IOException {
        var text = "no archive".getBytes(StandardCharsets.UTF_8);
        var files = new TreeMap<>(Map.of(WHEEL, wheel(), "nx_lantern-3.2.1.tar.gz", text, "notes.txt", text));
        var mixed = NarCandidate.folder("dist", files);
        assertEquals(1, only(mixed).artifacts().size());
        assertEquals(
                List.of(
                        new TranscodeResult.RefusedPackage(
                                "nx_lantern",
                                "3.2.1",
                                "nx_lantern-3.2.1.tar.gz: it is not a .tar.gz archive with a PKG-INFO file"),
                        new TranscodeResult.RefusedPackage(
                                "notes.txt", "", "its name is not that of a wheel or source distribution")),
                pypi.transcode(mixed).toList());
        files.remove(WHEEL);
        assertEquals(0, pypi.transcode(NarCandidate.folder("source", files)).count());
    }

    private FoundRelease only(NarCandidate path) throws IOException {
        var all = pypi.recognize(path).toList();
        assertEquals(1, all.size());
        return all.getFirst();
    }

    private static NarCandidate dist() {
        return NarCandidate.folder(
                "python3.13-nx-lantern-3.2.1-dist", Map.of(WHEEL, wheel(), "nx_lantern-3.2.1.tar.gz", sdist()));
    }

    private static byte[] wheel() {
        return ArchiveFixture.wheel("Nx_Lantern", "3.2.1", METADATA);
    }

    private static byte[] sdist() {
        return ArchiveFixture.tgz(
                Map.of("nx_lantern-3.2.1/PKG-INFO", "Metadata-Version: 2.4\nName: Nx_Lantern\nVersion: 3.2.1\n"));
    }
}
