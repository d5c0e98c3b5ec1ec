package dev.narthex.web.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.http.Content;
import dev.narthex.nix.NarListing.Entry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequentialNarReaderTest {
    private static final int MIB = 1 << 20;

    /** Bytes whose values are their offsets; records where they are opened. */
    private static final class Numbered implements Content {
        private final long length;
        private final List<Long> opened = new ArrayList<>();
        private int open;

        Numbered(long length) {
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public InputStream open(long from, long count) {
            opened.add(from);
            open++;
            return new InputStream() {
                private long at = from;

                @Override
                public int read() {
                    return at < from + count ? (int) (at++ & 0xff) : -1;
                }

                @Override
                public void close() {
                    open--;
                }
            };
        }
    }

    private static Entry.Regular file(long offset, long size) {
        return new Entry.Regular(false, size, offset);
    }

    private static List<String> visited(Content nar, long max, Entry.Regular... files) throws IOException {
        var seen = new ArrayList<String>();
        SequentialNarReader.overNar(nar, List.of(files), max, (file, in) -> {
            int first = in.read();
            seen.add(file.narOffset() + ":" + first + "+" + in.readAllBytes().length);
        });
        return seen;
    }

    @Test
    void filesAreReadInArchiveOrder() throws IOException {
        var nar = new Numbered(10_000);
        assertEquals(
                List.of("100:100+9", "200:200+49", "300:44+0"),
                visited(nar, 100L * MIB, file(300, 1), file(100, 10), file(200, 50)));
        assertEquals(List.of(100L), nar.opened);
        assertEquals(0, nar.open);
    }

    @Test
    void distantFileReopensTheNar() throws IOException {
        var nar = new Numbered(100L * MIB);
        visited(nar, 100L * MIB, file(100, 10), file(50L * MIB, 10), file(50L * MIB + 100, 10));
        assertEquals(List.of(100L, 50L * MIB), nar.opened);
        assertEquals(0, nar.open);
    }

    @Test
    void filesBeyondTheLimitAreNotVisited() throws IOException {
        var nar = new Numbered(100L * MIB);
        assertEquals(
                List.of("0:0+99", "150:150+99"),
                visited(nar, MIB + 200, file(0, 100), file(150, 100), file(1000, 100)));
        assertEquals(List.of("0:0+99"), visited(nar, MIB + 140, file(0, 100), file(150, 100)));
        assertEquals(List.of(), visited(nar, 0, file(0, 100)));
    }

    @Test
    void unreadFileIsSkipped() throws IOException {
        var nar = new Numbered(1000);
        var seen = new ArrayList<Integer>();
        SequentialNarReader.overNar(
                nar, List.of(file(100, 50), file(160, 5)), MIB * 2L, (file, in) -> seen.add(in.read()));
        assertEquals(List.of(100, 160), seen);
    }

    @Test
    void truncatedArchiveIsAnError() {
        var nar = new Numbered(1000);
        assertThrows(EOFException.class, () -> visited(new Short(nar), 100L * MIB, file(100, 10), file(900, 10)));
    }

    /** Declares a greater length than it has. */
    private record Short(Content content) implements Content {
        @Override
        public long length() {
            return content.length();
        }

        @Override
        public InputStream open(long from, long count) throws IOException {
            return content.open(from, 50);
        }
    }
}
