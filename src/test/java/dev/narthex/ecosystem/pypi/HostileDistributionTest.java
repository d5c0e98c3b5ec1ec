package dev.narthex.ecosystem.pypi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.spi.TranscodeResult.RefusedPackage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile distributions in pushed paths: none is offered, and each has a reason. */
class HostileDistributionTest {
    private static final String WHEEL = "nx_lantern-3.2.1-py3-none-any.whl";
    private static final String SDIST = "nx_lantern-3.2.1.tar.gz";
    private static final String INFO = "nx_lantern-3.2.1.dist-info/";
    private static final String INIT = "nx_lantern/__init__.py";

    private final PypiEcosystem pypi = new PypiEcosystem();

    static Stream<Arguments> wheels() {
        return Stream.of(
                arguments(with("../x", "y"), "the archive contains a path that leads out of it"),
                arguments(with("/etc/x", "y"), "the archive contains a path that leads out of it"),
                arguments(with("a\\..\\..\\x", "y"), "the archive contains a path that leads out of it"),
                arguments(with("x.data/data/../../y", "y"), "the archive contains a path that leads out of it"),
                arguments(with("x.data/etc/y", "y"), "it has x.data/etc/y, and .data has no such folder"),
                arguments(with("x.data/y", "y"), "it has x.data/y, and .data has no such folder"),
                arguments(with("other-1.0.dist-info/METADATA", "x"), "it has more than one dist-info folder"),
                arguments(ArchiveFixture.zip(Map.of(INIT, "")), "it has no dist-info folder"),
                arguments(
                        ArchiveFixture.wheel("other", "1.0", ""),
                        "its dist-info folder is that of another project or version"),
                arguments(with("zeros", "\0".repeat(30 << 20)), "the archive unpacks to too much"),
                arguments(ArchiveFixture.zip(Map.of(INFO + "METADATA", "")), "it has no WHEEL"),
                arguments(ArchiveFixture.zip(Map.of(INFO + "WHEEL", "Wheel-Version: 1.0\n")), "it has no RECORD"),
                arguments(
                        with(INFO + "WHEEL", "Wheel-Version: 2.0\n"),
                        "it is of a version of the wheel format that installers do not know"),
                arguments(
                        with(INFO + "RECORD", record("hash", "size") + "gone.py,sha256=x,1\n"),
                        "its RECORD lists gone.py, which is not in it"),
                arguments(
                        with(INFO + "RECORD", record("hash", "size").replaceFirst("(?m)^nx_lantern/.*\n", "")),
                        "its RECORD does not list " + INIT),
                arguments(
                        with(INFO + "RECORD", record("other", "size")),
                        "its RECORD has another hash or size of " + INIT),
                arguments(with(INFO + "RECORD", record("hash", "1")), "its RECORD has another hash or size of " + INIT),
                arguments(
                        with(INFO + "RECORD", record("", "size")),
                        "its RECORD has no hash of " + INIT + " that is good enough"),
                arguments(
                        with(INFO + "RECORD", record("md5", "size")),
                        "its RECORD has no hash of " + INIT + " that is good enough"),
                arguments(with(INFO + "RECORD", "\0"), "its RECORD is not text in UTF-8"),
                arguments(
                        with(INFO + "METADATA", "Name: nx_lantern\nVersion: 3.2.2\n"),
                        "its metadata is of nx_lantern 3.2.2"),
                arguments(with(INFO + "METADATA", "Name: other\nVersion: 3.2.1\n"), "its metadata is of other 3.2.1"),
                arguments(
                        with(INFO + "METADATA", "Name: nx_lantern\nName: other\nVersion: 3.2.1\n"),
                        "its metadata has not one name and version, as projects have them"),
                arguments(
                        with(INFO + "METADATA", ""),
                        "its metadata has not one name and version, as projects have them"),
                arguments("no zip".getBytes(StandardCharsets.UTF_8), "it is no zip, or an empty one"),
                arguments(twice(), "the archive has the same path twice"),
                arguments(
                        join(with("x", "y"), new byte[] {0}),
                        "the zip has a central directory that does not match its files"),
                arguments(renamed(), "the zip has a central directory that does not match its files"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("wheels")
    void hostileWheelIsRefusedWithAMessage(byte[] wheel, String reason) throws IOException {
        assertEquals(WHEEL + ": " + reason, refused(WHEEL, wheel));
    }

    @Test
    void validWheelIsOffered() throws IOException {
        assertOffered(WHEEL, with("a, \"b\"/é.py", "x"));
        assertOffered(WHEEL, with("x.data/scripts/y", "x"));
        assertOffered(WHEEL, with(INFO + "RECORD", record("hash", "size")));
        assertOffered(WHEEL, with(INFO + "RECORD", record("hash", "size").replace("\n", "\r\n")));
        assertOffered(WHEEL, with(INFO + "RECORD", record("sha512", "size")));
        assertOffered(WHEEL, with(INFO + "RECORD", record("sha384", "")));
    }

    @Test
    void hashesOfOtherAlgorithmsAreCompared() throws IOException {
        assertEquals(
                WHEEL + ": its RECORD has another hash or size of " + INIT,
                refused(WHEEL, with(INFO + "RECORD", record("sha512", "size").replace("sha512=", "sha512=A"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"requirements.txt", "Requirements_TXT", "rrequirements.txt"})
    void hostileNameIsRefused(String name) throws IOException {
        var file = name + "-1.0-py3-none-any.whl";
        var reason = refused(file, ArchiveFixture.wheel(name, "1.0", ""));
        assertTrue(reason.contains("would be installed by mistake"), reason);
    }

    @ParameterizedTest
    @CsvSource({
        "s, ../../etc/passwd",
        "s, /etc/passwd",
        "s, sub/../../../x",
        "s, ../other/x",
        "s, ..",
        "s, sub/../x",
        "s, ''",
        "s, '..\\..\\x'",
        "h, /etc/passwd",
        "h, ../x",
        "h, other/x"
    })
    void aSourceDistributionWithALinkOutIsRefused(String kind, String target) throws IOException {
        var path = "nx_lantern-3.2.1/link";
        assertEquals(
                SDIST + ": it contains a link that leads out of it: " + path,
                refused(SDIST, linked(kind, path, target)));
    }

    @ParameterizedTest
    @CsvSource({
        "s, nx_lantern-3.2.1/sub/link, ../PKG-INFO",
        "s, nx_lantern-3.2.1/link, ./sub/x",
        "h, nx_lantern-3.2.1/sub/link, nx_lantern-3.2.1/PKG-INFO",
        "h, ./nx_lantern-3.2.1/sub/link, ./nx_lantern-3.2.1/PKG-INFO"
    })
    void linksWithinASourceDistributionAreFine(String kind, String path, String target) throws IOException {
        assertOffered(SDIST, linked(kind, path, target));
    }

    @Test
    void hostileSourceDistributionIsRefusedWithAMessage() throws IOException {
        assertEquals(SDIST + ": it unpacks files through a link", refused(SDIST, sdist(tar -> {
            link(tar, "s", "nx_lantern-3.2.1/a", "sub");
            ArchiveFixture.put(tar, new TarArchiveEntry("nx_lantern-3.2.1/a/x"), "x");
        })));
        assertEquals(SDIST + ": it has a device or pipe", refused(SDIST, sdist(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("nx_lantern-3.2.1/null", TarConstants.LF_CHR), "");
        })));
        assertEquals(SDIST + ": the archive contains a path that leads out of it", refused(SDIST, sdist(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("nx_lantern-3.2.1/../../x"), "x");
        })));
        assertEquals(SDIST + ": the archive contains a path that leads out of it", refused(SDIST, sdist(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("/etc/x", true), "x");
        })));
        assertEquals(SDIST + ": it has two PKG-INFO", refused(SDIST, sdist(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("other/PKG-INFO"), "Name: other\nVersion: 1\n");
        })));
        assertEquals(
                SDIST + ": its metadata is of nx_lantern 9",
                refused(SDIST, ArchiveFixture.tgz(Map.of("x/PKG-INFO", "Name: nx_lantern\nVersion: 9\n"))));
        assertEquals(SDIST + ": the archive unpacks to too much", refused(SDIST, sdist(tar -> {
            ArchiveFixture.put(tar, new TarArchiveEntry("nx_lantern-3.2.1/zeros"), "\0".repeat(30 << 20));
        })));
        var whole = sdist(tar -> {});
        assertEquals(SDIST + ": it cannot be unpacked", refused(SDIST, Arrays.copyOf(whole, whole.length - 1)));
    }

    /** Most tarballs are not distributions, so their links are not checked. */
    @Test
    void tarballWithoutMetadataIsIgnored() throws IOException {
        for (var tar : List.of(
                ArchiveFixture.tgz(Map.of("nx_lantern-3.2.1/main.c", "x")),
                ArchiveFixture.gzip(ArchiveFixture.tar(tar -> link(tar, "s", "nx_lantern-3.2.1/x", "/etc/passwd"))),
                "no tarball".getBytes(StandardCharsets.UTF_8))) {
            var path = NarCandidate.flat(SDIST, tar);
            assertEquals(0, pypi.recognize(path).count());
            assertEquals(List.of(), pypi.transcode(path).toList());
        }
    }

    @Test
    void validFilesOfAFolderAreOfferedAndOthersReported() throws IOException {
        var path = NarCandidate.folder("dist", Map.of(WHEEL, with("../x", "y"), SDIST, sdist(tar -> {})));
        var found = pypi.recognize(path).toList();
        assertEquals(
                List.of(SDIST),
                found.getFirst().artifacts().stream().map(a -> a.filename()).toList());
        var refusal = (RefusedPackage) pypi.transcode(path).toList().getFirst();
        assertEquals("nx_lantern 3.2.1", refusal.name() + " " + refusal.version());
        assertTrue(refusal.reason().startsWith(WHEEL + ": "), refusal.reason());
    }

    private String refused(String filename, byte[] file) throws IOException {
        var path = NarCandidate.flat(filename, file);
        assertEquals(0, pypi.recognize(path).count());
        var told = pypi.transcode(path).toList();
        assertEquals(1, told.size());
        return ((RefusedPackage) told.getFirst()).reason();
    }

    private void assertOffered(String filename, byte[] file) throws IOException {
        var path = NarCandidate.flat(filename, file);
        assertEquals(List.of(), pypi.transcode(path).toList());
        assertEquals(1, pypi.recognize(path).count());
    }

    private static byte[] with(String path, String content) {
        return ArchiveFixture.wheel("nx_lantern", "3.2.1", "", Map.of(path, content));
    }

    /** RECORD of the plain wheel, with this line for its first file. */
    private static String record(String hash, String size) {
        var files = new LinkedHashMap<String, String>();
        files.put(INIT, "VERSION = '3.2.1'\n");
        var line = ArchiveFixture.record(files).strip().split(",");
        files.clear();
        files.put(INFO + "METADATA", "Metadata-Version: 2.4\nName: nx_lantern\nVersion: 3.2.1\n");
        files.put(INFO + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        var first = switch (hash) {
            case "hash" -> line[1];
            case "other" -> line[1].replaceFirst("=.", "=_");
            case "md5" -> "md5=AAAA";
            case "sha384", "sha512" -> hash + "=" + digest(hash.replace("sha", "SHA-"), "VERSION = '3.2.1'\n");
            default -> "";
        };
        return INIT + "," + first + "," + (size.equals("size") ? line[2] : size) + "\n" + ArchiveFixture.record(files)
                + INFO + "RECORD,,\n";
    }

    private static String digest(String algorithm, String text) {
        try {
            var digest = MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Changes the name in the central directory too, so that only the second of two files is invalid. */
    private static byte[] twice() {
        var text = new String(with("nx_lantern/__init__.p2", "y"), StandardCharsets.ISO_8859_1);
        return text.replace("__init__.p2", "__init__.py").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] renamed() {
        var wheel = with("x", "y");
        var text = new String(wheel, StandardCharsets.ISO_8859_1);
        wheel[text.lastIndexOf("nx_lantern/__init__.py") + "nx_lantern/__init__.p".length()] = 'z';
        return wheel;
    }

    private static byte[] join(byte[] a, byte[] b) {
        var joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static byte[] linked(String kind, String path, String target) {
        return sdist(tar -> link(tar, kind, path, target));
    }

    private static byte[] sdist(Consumer<TarArchiveOutputStream> more) {
        return ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
            ArchiveFixture.put(
                    tar,
                    new TarArchiveEntry("nx_lantern-3.2.1/PKG-INFO"),
                    "Metadata-Version: 2.4\nName: nx_lantern\nVersion: 3.2.1\n");
            more.accept(tar);
        }));
    }

    private static void link(TarArchiveOutputStream tar, String kind, String path, String target) {
        var entry = new TarArchiveEntry(path, kind.equals("s") ? TarConstants.LF_SYMLINK : TarConstants.LF_LINK);
        entry.setLinkName(target);
        ArchiveFixture.put(tar, entry, "");
    }
}
