package dev.narthex.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.ecosystem.support.ArchiveFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.junit.jupiter.api.Test;

class ZipReaderTest {
    private static final List<String> EXPECTED = List.of("one 1000", "two/ 0", "two/three 5");

    @Test
    void sizesMayPrecedeOrFollowTheContent() throws IOException {
        assertEquals(EXPECTED, read(ArchiveFixture.zip(files())));
        for (var mode : List.of(Zip64Mode.Never, Zip64Mode.Always)) {
            for (int method : new int[] {ZipReader.STORED, ZipReader.DEFLATED}) {
                assertEquals(EXPECTED, read(zip(mode, method)), mode + " " + method);
            }
        }
    }

    @Test
    void centralDirectoryThatDiffersFromTheFilesIsRefused() {
        var zip = ArchiveFixture.zip(files());
        // The second occurrence of the name is in the central directory.
        var renamed = zip.clone();
        renamed[last(zip, "two/three") + 4] = 'T';
        assertThrows(ArchiveRejectedException.class, () -> read(renamed));
        var resized = zip.clone();
        resized[last(zip, "two/three") - 22] ^= 1;
        assertThrows(ArchiveRejectedException.class, () -> read(resized));
    }

    @Test
    void bytesBeforeOrAfterTheArchiveAreRefused() {
        var zip = ArchiveFixture.zip(files());
        assertThrows(IOException.class, () -> read(join(zip, new byte[] {0})));
        assertThrows(IOException.class, () -> read(join(new byte[] {0}, zip)));
        assertThrows(IOException.class, () -> read(join(zip, zip)));
    }

    /** Archives that different zip readers interpret differently. */
    @Test
    void ambiguousEndRecordIsRefused() throws IOException {
        var zip = ArchiveFixture.zip(files());
        var commented = join(zip, new byte[] {'P', 'K', 5, 6});
        commented[zip.length - 2] = 4;
        assertThrows(ArchiveRejectedException.class, () -> read(commented));
        var disks = zip.clone();
        disks[zip.length - 18] = 1;
        assertThrows(ArchiveRejectedException.class, () -> read(disks));
        for (int at = zip.length - 14; at < zip.length - 2; at++) {
            var wide = zip.clone();
            wide[at] ^= (byte) 0x80;
            assertThrows(ArchiveRejectedException.class, () -> read(wide));
        }
        var always = zip(Zip64Mode.Always, ZipReader.DEFLATED);
        int end = last(always, "PK\6\6");
        for (int at : new int[] {4, 16, 20, 24, 32, 40, 48, 56, 60, 64, 72}) {
            var other = always.clone();
            other[end + at] ^= 2;
            assertThrows(IOException.class, () -> read(other), "byte " + at);
        }
    }

    @Test
    void conflictingFileNamesAreRefused() throws IOException {
        var otherName = new UnicodePathExtraField("six", "one".getBytes(StandardCharsets.UTF_8));
        assertThrows(ArchiveRejectedException.class, () -> read(zip(entry -> entry.addExtraField(otherName))));
        var latin = zip(entry -> {});
        for (int at = 0; at < 2; at++) {
            latin[at == 0 ? 30 : last(latin, "one")] = (byte) 0xe9;
        }
        assertThrows(ArchiveRejectedException.class, () -> read(latin));
    }

    @Test
    void wrongChecksumIsRefused() throws IOException {
        var zip = zip(Zip64Mode.Never, ZipReader.STORED);
        zip[last(zip, "xxxxx")] = 'y';
        assertThrows(ArchiveRejectedException.class, () -> read(zip));
    }

    @Test
    void truncationAtAnyByteIsRefused() {
        var zip = ArchiveFixture.zip(files());
        for (int length = 0; length < zip.length; length++) {
            var cut = Arrays.copyOf(zip, length);
            assertThrows(IOException.class, () -> read(cut));
        }
    }

    private static Map<String, String> files() {
        var files = new LinkedHashMap<String, String>();
        files.put("one", "x".repeat(1000));
        files.put("two/", "");
        files.put("two/three", "third");
        return files;
    }

    private static byte[] zip(Consumer<ZipArchiveEntry> first) throws IOException {
        var out = new SeekableInMemoryByteChannel();
        try (var zip = new ZipArchiveOutputStream(out)) {
            var entry = new ZipArchiveEntry("one");
            first.accept(entry);
            zip.putArchiveEntry(entry);
            zip.closeArchiveEntry();
        }
        return Arrays.copyOf(out.array(), (int) out.size());
    }

    private static byte[] zip(Zip64Mode mode, int method) throws IOException {
        var file = Files.createTempFile("zip", ".zip");
        try (var zip = new ZipArchiveOutputStream(file)) {
            zip.setUseZip64(mode);
            for (var each : files().entrySet()) {
                var entry = new ZipArchiveEntry(each.getKey());
                entry.setMethod(method);
                zip.putArchiveEntry(entry);
                zip.write(each.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeArchiveEntry();
            }
        }
        var bytes = Files.readAllBytes(file);
        Files.delete(file);
        return bytes;
    }

    private static List<String> read(byte[] zip) throws IOException {
        var lines = new ArrayList<String>();
        try (var reader = new ZipReader(ArchiveFixture.source(zip))) {
            for (var path = reader.next(); path.isPresent(); path = reader.next()) {
                lines.add(path.get() + " " + reader.content().readAllBytes().length);
            }
        }
        return lines;
    }

    private static int last(byte[] zip, String text) {
        return new String(zip, StandardCharsets.ISO_8859_1).lastIndexOf(text);
    }

    private static byte[] join(byte[] a, byte[] b) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }
}
