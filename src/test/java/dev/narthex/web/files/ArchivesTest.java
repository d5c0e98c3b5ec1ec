package dev.narthex.web.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.http.Content;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.web.support.PortalFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class ArchivesTest {
    private final Archives archives = new Archives();

    @Test
    void filesOfTarballsAndZipsAreFoundAndRead() throws IOException {
        for (var bytes : List.of(PortalFixture.tarball("a.txt", "first", "sub/b.txt", "second"))) {
            var listing = listing(bytes).orElseThrow();
            assertEquals(
                    Set.of("package/a.txt", "package/sub/b.txt"),
                    listing.files().keySet());
            assertEquals("second", read(bytes, listing, "package/sub/b.txt", 0, 6));
            assertEquals("con", read(bytes, listing, "package/sub/b.txt", 2, 3));
        }
        var zip = PortalFixture.zip("a.txt", "first", "sub/b.txt", "second");
        var listing = listing(zip).orElseThrow();
        assertEquals("second", read(zip, listing, "sub/b.txt", 0, 6));
    }

    @Test
    void manyFilesAreReadInOnePass() throws IOException {
        var bytes =
                PortalFixture.tarball("a.txt", "first", "b.txt", "x".repeat(5000), "c.txt", "third", "d.txt", "fourth");
        var listing = listing(bytes).orElseThrow();
        var entries = List.of(file(listing, "d.txt"), file(listing, "a.txt"), file(listing, "c.txt"));
        assertEquals(List.of("first", "third", "fourth"), visited(bytes, entries, 1 << 20));
        assertEquals(List.of("first"), visited(bytes, entries, 100));
        assertEquals(List.of(), visited(bytes, List.of(), 100));
    }

    private static Entry.Regular file(NarListing listing, String name) {
        return listing.files().get("package/" + name);
    }

    private static List<String> visited(byte[] archive, List<Entry.Regular> files, long max) throws IOException {
        var read = new ArrayList<String>();
        Archives.visit(Content.of(archive), files, max, (file, in) -> {
            read.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertEquals(file.size(), read.getLast().length());
        });
        return read;
    }

    @Test
    void escapingNamesAreSkipped() throws IOException {
        var bytes = tar("../../etc/passwd", "/abs", "a/../b", "ok", "./dot", "a//b", "ok/below");
        assertEquals(Set.of("ok", "dot"), listing(bytes).orElseThrow().files().keySet());
    }

    @Test
    void nonArchiveIsShownAsFile() throws IOException {
        var text = "not an archive".getBytes(StandardCharsets.UTF_8);
        assertEquals(Optional.empty(), listing(text));
        assertEquals(Optional.empty(), listing(gzip("a manual page, which is no tar\n".repeat(100))));
        var cut = PortalFixture.tarball("a.txt", "x".repeat(100_000));
        assertEquals(Optional.empty(), listing(Arrays.copyOf(cut, cut.length / 2)));
        assertEquals(Optional.empty(), listing(new byte[0]));
    }

    @Test
    void compressionBombIsNotUnpacked() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            var entry = new TarArchiveEntry("zeros");
            entry.setSize(300L << 20);
            tar.putArchiveEntry(entry);
            var block = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                tar.write(block);
            }
            tar.closeArchiveEntry();
        }
        assertTrue(out.size() < 1 << 20);
        assertEquals(Optional.empty(), listing(out.toByteArray()));
    }

    /** A decoder would allocate as much memory as the archive states. */
    @Test
    void zipWithUnsupportedMethodsIsShownAsFile() throws IOException {
        var xz = new ByteArrayOutputStream();
        try (var out = new XZOutputStream(xz, new LZMA2Options(0))) {
            out.write('x');
        }
        var header = ByteBuffer.allocate(30).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0x04034b50)
                .putShort((short) 63)
                .putShort((short) 0)
                .putShort((short) 95)
                .putInt(0);
        header.putInt(0).putInt(xz.size()).putInt(1).putShort((short) 1).putShort((short) 0);
        var zip = new ByteArrayOutputStream();
        zip.writeBytes(header.array());
        zip.write('f');
        zip.writeBytes(xz.toByteArray());
        assertEquals(Optional.empty(), listing(zip.toByteArray()));
        assertTrue(listing(PortalFixture.zip("f", "x")).isPresent());
    }

    private Optional<NarListing> listing(byte[] bytes) {
        try {
            return archives.listing(NixHash.sha256(bytes), Content.of(bytes));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(byte[] bytes, NarListing listing, String file, long from, long count)
            throws IOException {
        var entry = (Entry.Regular) listing.find(file).orElseThrow();
        var inside = new Archives.ArchivedFile(Content.of(bytes), entry);
        try (var in = inside.open(from, count)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] gzip(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static byte[] tar(String... names) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(out))) {
            for (var name : names) {
                var entry = new TarArchiveEntry(name, true);
                entry.setSize(1);
                tar.putArchiveEntry(entry);
                tar.write('x');
                tar.closeArchiveEntry();
            }
        }
        assertArrayEquals(new byte[] {0x1f, (byte) 0x8b}, Arrays.copyOf(out.toByteArray(), 2));
        return out.toByteArray();
    }
}
