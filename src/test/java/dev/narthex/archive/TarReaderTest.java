package dev.narthex.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.archive.TarReader.Kind;
import dev.narthex.archive.TarReader.Link;
import dev.narthex.ecosystem.support.ArchiveFixture;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

class TarReaderTest {
    @Test
    void entriesAreReadInOrderWithTheirContents() throws IOException {
        var tar = ArchiveFixture.tar(out -> {
            ArchiveFixture.put(out, new TarArchiveEntry("a/one"), "x".repeat(700));
            ArchiveFixture.put(out, new TarArchiveEntry("a/"), "");
            var link = new TarArchiveEntry("a/link", TarConstants.LF_SYMLINK);
            link.setLinkName("one");
            ArchiveFixture.put(out, link, "");
            ArchiveFixture.put(out, new TarArchiveEntry("a/two"), "second");
        });
        assertEquals(List.of("FILE a/one 700 x", "DIRECTORY a/ 0 ", "OTHER a/link 0 ", "FILE a/two 6 s"), read(tar));
    }

    @Test
    void unreadContentIsSkipped() throws IOException {
        var reader = new TarReader(new ByteArrayInputStream(ArchiveFixture.tar(out -> {
            ArchiveFixture.put(out, new TarArchiveEntry("one"), "x".repeat(100_000));
            ArchiveFixture.put(out, new TarArchiveEntry("two"), "y");
        })));
        assertEquals("one", reader.next().orElseThrow().path());
        assertEquals("two", reader.next().orElseThrow().path());
        assertEquals("y", new String(reader.content().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(-1, reader.content().read());
        assertEquals(Optional.empty(), reader.next());
    }

    @Test
    void longNamesAreReadInAllFormats() throws IOException {
        var split = "folder/".repeat(20) + "file";
        var beyond = "folder/".repeat(60) + "fïle";
        for (int mode : new int[] {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX}) {
            var tar = ArchiveFixture.tar(out -> {
                out.setLongFileMode(mode);
                out.setAddPaxHeadersForNonAsciiNames(true);
                ArchiveFixture.put(out, new TarArchiveEntry(split), "1");
                ArchiveFixture.put(out, new TarArchiveEntry(beyond), "2");
                ArchiveFixture.put(out, new TarArchiveEntry("short"), "3");
            });
            assertEquals(List.of("FILE " + split + " 1 1", "FILE " + beyond + " 1 2", "FILE short 1 3"), read(tar));
        }
        assertEquals(
                List.of("FILE " + split + " 1 1"),
                read(ustar("file", "folder/".repeat(20).replaceFirst("/$", ""))));
    }

    @Test
    void linkTargetsAreRead() throws IOException {
        var far = "folder/".repeat(30) + "fïle";
        for (int mode : new int[] {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX}) {
            var tar = ArchiveFixture.tar(out -> {
                out.setLongFileMode(mode);
                for (var target : List.of("../one", far)) {
                    var symbolic = new TarArchiveEntry("a/s", TarConstants.LF_SYMLINK);
                    symbolic.setLinkName(target);
                    ArchiveFixture.put(out, symbolic, "");
                    var hard = new TarArchiveEntry("a/h", TarConstants.LF_LINK);
                    hard.setLinkName(target);
                    ArchiveFixture.put(out, hard, "");
                }
                ArchiveFixture.put(out, new TarArchiveEntry("plain"), "");
            });
            var links = new ArrayList<Link>();
            var reader = new TarReader(new ByteArrayInputStream(tar));
            for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                links.add(entry.get().link());
            }
            assertEquals(
                    List.of(
                            new Link.Symbolic("../one"),
                            new Link.Hard("../one"),
                            new Link.Symbolic(far),
                            new Link.Hard(far),
                            new Link.None()),
                    links);
        }
    }

    @Test
    void truncatedAndInvalidArchivesAreRefused() {
        var tar = ArchiveFixture.tar(Map.of("one", "x".repeat(2000)));
        assertThrows(EOFException.class, () -> read(Arrays.copyOf(tar, 700)));
        assertThrows(EOFException.class, () -> read(Arrays.copyOf(tar, 300)));
        var checksum = tar.clone();
        checksum[0] ^= 1;
        assertThrows(ArchiveRejectedException.class, () -> read(checksum));
    }

    @Test
    void extendedHeadersAreBounded() {
        var big = ArchiveFixture.tar(out -> {
            var name = new TarArchiveEntry("@LongLink", TarConstants.LF_GNUTYPE_LONGNAME);
            ArchiveFixture.put(out, name, "x".repeat(70_000));
        });
        assertThrows(ArchiveRejectedException.class, () -> read(big));
        var many = ArchiveFixture.tar(out -> {
            for (int i = 0; i < 20; i++) {
                ArchiveFixture.put(out, new TarArchiveEntry("@LongLink", TarConstants.LF_GNUTYPE_LONGNAME), "x");
            }
        });
        assertThrows(ArchiveRejectedException.class, () -> read(many));
    }

    /** A header whose name is split into prefix and name (POSIX ustar), which commons-compress never writes. */
    private static byte[] ustar(String name, String prefix) {
        var tar = ArchiveFixture.tar(Map.of(name, "1"));
        System.arraycopy(prefix.getBytes(StandardCharsets.US_ASCII), 0, tar, 345, prefix.length());
        Arrays.fill(tar, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += tar[i] & 0xff;
        }
        var digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, 148, digits.length);
        return tar;
    }

    private static List<String> read(byte[] tar) throws IOException {
        var lines = new ArrayList<String>();
        var reader = new TarReader(new ByteArrayInputStream(tar));
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            var content = new String(reader.content().readAllBytes(), StandardCharsets.UTF_8);
            var e = entry.get();
            assertEquals(e.size(), content.length());
            assertEquals(e.kind() == Kind.DIRECTORY, e.path().endsWith("/"));
            lines.add(e.kind() + " " + e.path() + " " + e.size() + " "
                    + content.substring(0, Math.min(1, content.length())));
        }
        return lines;
    }
}
