package dev.narthex.ecosystem.pypi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Distributions that contradict their form or name, or would harm those who install them, are refused without effect. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PypiUploadDistributionTest extends PypiUploadSetup {
    /** Forms that contradict the file, and files that contradict their names. */
    static Stream<Arguments> contradictions() {
        var wheel = ArchiveFixture.wheel("oar", "1.0", "");
        return Stream.of(
                Arguments.of("no name", good().without("name"), 400, "invalid value for Name"),
                Arguments.of("a name that is none", good().with("name", "-oar"), 400, "'-oar' is an invalid value"),
                Arguments.of("two names", good().field("name", "mast"), 400, "field name more than once"),
                Arguments.of("another name", good().with("name", "mast"), 400, "must start with 'mast'"),
                Arguments.of("no version", good().without("version"), 400, "invalid value for Version"),
                Arguments.of("no such version", good().with("version", "one"), 400, "'one' is an invalid value"),
                Arguments.of(
                        "another version", good().with("version", "1.1"), 400, "Version in filename should be '1.1'"),
                Arguments.of("an action", good().with(":action", "doc_upload"), 400, "Unknown action"),
                Arguments.of("a protocol", good().with("protocol_version", "2"), 400, "Unknown protocol version."),
                Arguments.of("a type", good().with("filetype", "sdist"), 400, "Unknown type of file."),
                Arguments.of(
                        "sha256", good().with("sha256_digest", "0".repeat(64)), 400, "The digest supplied does not"),
                Arguments.of(
                        "blake2",
                        good().with("blake2_256_digest", "0".repeat(64)),
                        400,
                        "The digest supplied does not"),
                Arguments.of("md5", good().with("md5_digest", "no"), 400, "The digest supplied does not"),
                Arguments.of("no file", good().without("content"), 400, "Upload payload does not have a file."),
                Arguments.of(
                        "a field in place of the file",
                        good().without("content").field("content", "x"),
                        400,
                        "Upload payload does not have a file."),
                Arguments.of("two files", good().file("oar-1.0.tar.gz", wheel), 400, "more than one file"),
                Arguments.of("a slash", good().named("a/oar-1.0-py3-none-any.whl"), 400, "'/' or '\\' in the name"),
                Arguments.of("a backslash", good().named("..\\oar-1.0-py3-none-any.whl"), 400, "in the name"),
                Arguments.of("an exe", good().named("oar-1.0.exe"), 400, "Invalid file extension"),
                Arguments.of("a zip", good().named("oar-1.0.zip"), 400, "Invalid file extension"),
                Arguments.of("no tags", good().named("oar-1.0.whl"), 400, "Invalid wheel filename"),
                Arguments.of(
                        "too many tags", good().named("oar-1.0-b1-py3-none-any.whl"), 400, "Invalid wheel filename"),
                Arguments.of("a quote", good().named("oar-1.0-py3-none-any'.whl"), 400, "Invalid wheel filename"),
                Arguments.of("no version in the name", good().named("oar-.tar.gz"), 400, "filename"),
                Arguments.of(
                        "another project's name", good().named("oars-1.0-py3-none-any.whl"), 400, "must start with"),
                Arguments.of(
                        "another version in the name", good().named("oar-1.1-py3-none-any.whl"), 400, "Version in"),
                Arguments.of(
                        "metadata of another project",
                        UploadFormFixture.of(
                                "oar", "1.0", "oar-1.0-py3-none-any.whl", ArchiveFixture.wheel("mast", "1.0", "")),
                        400,
                        "Invalid distribution file."),
                Arguments.of(
                        "metadata of another version",
                        wheel(Map.of("oar-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: oar\nVersion: 1.1\n")),
                        400,
                        "Its metadata is of oar 1.1."),
                Arguments.of(
                        "metadata of two names",
                        wheel(Map.of(
                                "oar-1.0.dist-info/METADATA",
                                "Metadata-Version: 2.1\nName: oar\nName: mast\nVersion: 1.0\n")),
                        400,
                        "not one name"),
                Arguments.of(
                        "metadata that are no text",
                        wheel(Map.of("oar-1.0.dist-info/METADATA", "Name: oar\nVersion: 1.0\n\0")),
                        400,
                        "not text"),
                Arguments.of(
                        "metadata that are too long",
                        wheel(Map.of(
                                "oar-1.0.dist-info/METADATA",
                                "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\n\n" + "y".repeat(1 << 20))),
                        400,
                        "METADATA that is too long"));
    }

    private static UploadFormFixture wheel(byte[] bytes) {
        return UploadFormFixture.of("oar", "1.0", "oar-1.0-py3-none-any.whl", bytes);
    }

    /** Files that are no wheel, or would harm those who install them. */
    static Stream<Arguments> wheels() {
        var record = "oar-1.0.dist-info/RECORD";
        var whole = ArchiveFixture.wheel("oar", "1.0", "");
        return Stream.of(
                Arguments.of("no zip", wheel("hello".getBytes(StandardCharsets.UTF_8)), 400, "no zip"),
                Arguments.of("empty", wheel(new byte[0]), 400, "Invalid distribution file."),
                Arguments.of("cut", wheel(Arrays.copyOf(whole, whole.length / 2)), 400, "Invalid distribution file."),
                Arguments.of("a path that leads out", wheel(Map.of("../../x", "")), 400, "leads out"),
                Arguments.of("an absolute path", wheel(Map.of("/etc/x", "")), 400, "leads out"),
                Arguments.of("a drive", wheel(Map.of("C:\\x", "")), 400, "leads out"),
                Arguments.of("out of .data", wheel(Map.of("oar-1.0.data/data/../../y", "")), 400, "leads out"),
                Arguments.of("a folder of .data", wheel(Map.of("oar-1.0.data/evil/y", "")), 400, ".data has no such"),
                Arguments.of("no RECORD", wheel(zip(Map.of())), 400, "no RECORD"),
                Arguments.of("no METADATA", wheel(zip(Map.of("x", ""))), 400, "dist-info"),
                Arguments.of(
                        "two dist-info", wheel(Map.of("mast-1.0.dist-info/x", "")), 400, "more than one dist-info"),
                Arguments.of(
                        "a wrong hash",
                        wheel(Map.of(record, RECORD.replaceFirst("sha256=.", "sha256=_"))),
                        400,
                        "another hash or size"),
                Arguments.of("an unlisted file", wheel(Map.of(record, RECORD, "oar/x.py", "1")), 400, "does not list"),
                Arguments.of(
                        "a listed file that is not there",
                        wheel(Map.of(record, RECORD + "oar/x.py,sha256=" + "A".repeat(43) + ",1\n")),
                        400,
                        "which is not in it"),
                Arguments.of(
                        "a weak hash", wheel(Map.of(record, RECORD.replace("sha256=", "md5="))), 400, "good enough"),
                Arguments.of(
                        "no hash", wheel(Map.of(record, RECORD.replaceAll("sha256=[^,]*", ""))), 400, "good enough"),
                Arguments.of(
                        "something behind", wheel(joined(whole, new byte[] {1})), 400, "Invalid distribution file."),
                Arguments.of("something before", wheel(joined(new byte[] {1}, whole)), 400, "no zip"),
                Arguments.of("another zip behind", wheel(joined(whole, whole)), 400, "Invalid distribution file."),
                Arguments.of("a file twice", wheel(twice()), 400, "same path twice"),
                Arguments.of("a directory that tells otherwise", wheel(renamed(whole)), 400, "Invalid distribution"),
                Arguments.of("a bomb", wheel(Map.of("oar/x.py", "0".repeat(40 << 20))), 400, "too much"));
    }

    private static final String RECORD =
            new String(recordOf(ArchiveFixture.wheel("oar", "1.0", "")), StandardCharsets.UTF_8);

    private static byte[] recordOf(byte[] wheel) {
        try (var zip = new java.util.zip.ZipInputStream(new java.io.ByteArrayInputStream(wheel))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith("/RECORD")) {
                    return zip.readAllBytes();
                }
            }
            throw new IllegalStateException("no RECORD");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All files of a wheel except RECORD, or only these files. */
    private static byte[] zip(Map<String, String> files) {
        return ArchiveFixture.zip(
                files.isEmpty()
                        ? Map.of(
                                "oar-1.0.dist-info/METADATA",
                                "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\n",
                                "oar-1.0.dist-info/WHEEL",
                                "Wheel-Version: 1.0\n")
                        : files);
    }

    private static byte[] joined(byte[] singleByte, byte[] other) {
        var all = Arrays.copyOf(singleByte, singleByte.length + other.length);
        System.arraycopy(other, 0, all, singleByte.length, other.length);
        return all;
    }

    private static byte[] twice() {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipArchiveOutputStream(out)) {
            for (int i = 0; i < 2; i++) {
                zip.putArchiveEntry(new ZipArchiveEntry("oar/x.py"));
                zip.write(i);
                zip.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Only where the central directory names it. */
    private static byte[] renamed(byte[] wheel) {
        var text = new String(wheel, StandardCharsets.ISO_8859_1);
        int last = text.lastIndexOf("oar/__init__.py");
        assertTrue(last > text.indexOf("oar/__init__.py"), "local header and directory");
        return (text.substring(0, last) + "oar/__evil__.py" + text.substring(last + 15))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Files that are no source distribution, or would harm those who unpack them. */
    static Stream<Arguments> sources() {
        return Stream.of(
                Arguments.of("no gzip", sdist("hello".getBytes(StandardCharsets.UTF_8)), 400, "not a gzipped tar"),
                Arguments.of("no PKG-INFO", sdist(ArchiveFixture.tgz(Map.of("oar-1.0/x", ""))), 400, "PKG-INFO"),
                Arguments.of("a link out", linked(TarConstants.LF_SYMLINK, "../../etc/passwd"), 400, "link"),
                Arguments.of("an absolute link", linked(TarConstants.LF_SYMLINK, "/etc/passwd"), 400, "link"),
                Arguments.of("a hard link out", linked(TarConstants.LF_LINK, "/etc/passwd"), 400, "link"),
                Arguments.of("a device", linked(TarConstants.LF_CHR, ""), 400, "Invalid distribution file."),
                Arguments.of("a pipe", linked(TarConstants.LF_FIFO, ""), 400, "Invalid distribution file."),
                Arguments.of(
                        "a path that leads out",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/../../x", "")),
                        400,
                        "leads out"),
                Arguments.of(
                        "an absolute path",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("/etc/x", "")),
                        400,
                        "leads out"),
                Arguments.of(
                        "a bomb",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/x", "0".repeat(40 << 20))),
                        400,
                        "too much"));
    }

    private static UploadFormFixture sdist(byte[] bytes) {
        return UploadFormFixture.of("oar", "1.0", "oar-1.0.tar.gz", bytes);
    }

    private static UploadFormFixture linked(byte type, String target) {
        return sdist(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
            ArchiveFixture.put(
                    tar, new TarArchiveEntry("oar-1.0/PKG-INFO"), "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\n");
            var link = new TarArchiveEntry("oar-1.0/x", type);
            link.setLinkName(target);
            ArchiveFixture.put(tar, link, "");
        })));
    }

    @Test
    void linkInsideASourceDistributionIsKept() {
        post(linked(TarConstants.LF_SYMLINK, "PKG-INFO")).then().statusCode(200);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"contradictions", "wheels", "sources"})
    void inconsistentUploadIsRefusedAndNothingIsStored(String what, UploadFormFixture upload, int status, String part) {
        refused(post(upload), status, part);
        assertEquals(0, kept(), what);
    }

    /** METADATA with flipped bytes, and RECORD and zip that match. */
    @Test
    void damagedMetadataIsAcceptedOrRefused() {
        var random = new Random(21);
        var metadata = "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\nSummary: a\n b\nKeywords: x, y\n"
                + "Requires-Dist: mast[big] (>=1.0); python_version < \"3\"\nProject-URL: Home, https://example.org\n"
                + "Description-Content-Type: text/markdown\n\n# Oar\n";
        var odd = "\n\r\t :;,[]()<>=!~\"'\\\u0000\u00e4\u2028#@%|";
        for (int i = 0; i < 200; i++) {
            var text = new StringBuilder(metadata);
            for (int n = random.nextInt(1, 6); n > 0; n--) {
                text.setCharAt(random.nextInt(text.length()), odd.charAt(random.nextInt(odd.length())));
            }
            int status = post(wheel(Map.of("oar-1.0.dist-info/METADATA", text.toString(), "oar/n.py", "" + i)))
                    .statusCode();
            assertTrue(Set.of(200, 400).contains(status), status + " for " + text);
            people.run("delete from release where package_id in (select id from package where cache_id = " + cache.id()
                    + ")");
        }
    }
}
