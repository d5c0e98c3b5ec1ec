package dev.narthex.nix;

import static dev.narthex.nix.HandmadeNar.deep;
import static dev.narthex.nix.HandmadeNar.directory;
import static dev.narthex.nix.HandmadeNar.entry;
import static dev.narthex.nix.HandmadeNar.executable;
import static dev.narthex.nix.HandmadeNar.file;
import static dev.narthex.nix.HandmadeNar.join;
import static dev.narthex.nix.HandmadeNar.length;
import static dev.narthex.nix.HandmadeNar.link;
import static dev.narthex.nix.HandmadeNar.nar;
import static dev.narthex.nix.HandmadeNar.string;
import static dev.narthex.nix.HandmadeNar.tags;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class NarReaderTest {
    private static final NarVisitor NOBODY = new NarVisitor() {};

    @TestFactory
    Stream<DynamicTest> unusualArchivesAreAccepted() {
        var cases = new LinkedHashMap<String, byte[]>();
        cases.put("plain", directory(entry("a", file("x")), entry("b", link("a"))));
        cases.put("empty directory", directory());
        cases.put("name of 255 bytes", directory(entry("n".repeat(255), file("x"))));
        cases.put("name that is not UTF-8", directory(entry("\u00ff\u00fe", file("x"))));
        cases.put("executable", directory(entry("a", executable("x", ""))));
        cases.put("target of 4095 bytes", directory(entry("a", link("t".repeat(4095)))));
        cases.put("link that climbs out", directory(entry("a", link("../../../etc/passwd"))));
        cases.put("absolute link", directory(entry("a", link("/etc/passwd"))));
        cases.put("depth 63", deep(63));
        cases.put("names that differ in case", directory(entry("A", file("x")), entry("a", file("x"))));
        cases.put("name like a case hack", directory(entry("a~nix~case~hack~1", file("x"))));
        cases.put("names that begin with dots", directory(entry("...", file("x")), entry("..a", file("x"))));
        cases.put("order of bytes, not of letters", directory(entry("a", file("x")), entry("\u0080", file("x"))));
        cases.put("root file", file("hello"));
        cases.put("root executable", executable("hello", ""));
        cases.put("root link", link("/etc/passwd"));
        cases.put("empty file", file(""));
        cases.put("content of 8 bytes", file("12345678"));
        return tests(cases, node -> {
            var archive = nar(node);
            assertArrayEquals(archive, NarCopy.of(new ByteArrayInputStream(archive), NarLimits.DEFAULT));
            assertArrayEquals(archive, NarCopy.of(new Trickle(new ByteArrayInputStream(archive)), NarLimits.DEFAULT));
            var in = new ByteArrayInputStream(join(archive, string("next")));
            assertEquals(archive.length, NarReader.read(in, NarLimits.DEFAULT, NOBODY));
            assertArrayEquals(string("next"), in.readAllBytes());
        });
    }

    @TestFactory
    Stream<DynamicTest> wrongNodesAreRefused() {
        var cases = new LinkedHashMap<String, byte[]>();
        cases.put("unsorted", directory(entry("b", file("x")), entry("a", file("x"))));
        cases.put("unsorted by bytes", directory(entry("\u0080", file("x")), entry("a", file("x"))));
        cases.put("duplicate", directory(entry("a", file("x")), entry("a", file("x"))));
        cases.put("duplicate behind a directory", directory(entry("a", deep(1)), entry("a", file("x"))));
        cases.put("slash", directory(entry("a/b", file("x"))));
        cases.put("dot", directory(entry(".", file("x"))));
        cases.put("two dots", directory(entry("..", file("x"))));
        cases.put("empty name", directory(entry("", file("x"))));
        cases.put("NUL in a name", directory(entry("a\0b", file("x"))));
        cases.put("name of 256 bytes", directory(entry("n".repeat(256), file("x"))));
        cases.put(
                "padding that is not zero",
                join(tags("(", "type", "regular", "contents"), string("xyz", 1), string(")")));
        cases.put(
                "padding of a name that is not zero",
                directory(join(tags("entry", "(", "name"), string("a", 1), string("node"), file("x"), string(")"))));
        cases.put("padding of a tag that is not zero", join(string("(", 1), tags("type", "directory", ")")));
        cases.put("executable with a value", directory(entry("a", executable("x", "yes"))));
        cases.put("executable after contents", tags("(", "type", "regular", "contents", "x", "executable", "", ")"));
        cases.put(
                "executable twice",
                tags("(", "type", "regular", "executable", "", "executable", "", "contents", "", ")"));
        cases.put("empty target", directory(entry("a", link(""))));
        cases.put("target of 4096 bytes", directory(entry("a", link("t".repeat(4096)))));
        cases.put("NUL in a target", directory(entry("a", link("a\0b"))));
        cases.put("through a link", directory(entry("a", link("/etc")), entry("a", directory(entry("x", file("x"))))));
        cases.put("depth 64", deep(64));
        cases.put("depth 64, empty directory", directory(entry("d", deep(63))));
        cases.put("depth 5000", deep(5000));
        cases.put("no contents", tags("(", "type", "regular", ")"));
        cases.put("no target", tags("(", "type", "symlink", ")"));
        cases.put("unknown type", tags("(", "type", "fifo", ")"));
        cases.put("two types", tags("(", "type", "directory", "type", "directory", ")"));
        cases.put("no type", tags("(", ")"));
        cases.put("two contents", tags("(", "type", "regular", "contents", "x", "contents", "x", ")"));
        cases.put("unknown tag in a directory", directory(tags("note", "x")));
        cases.put("entry without a node", directory(tags("entry", "(", "name", "a", ")")));
        cases.put("entry without a name", directory(join(tags("entry", "(", "node"), file("x"), string(")"))));
        cases.put(
                "node before the name", directory(join(tags("entry", "(", "node"), file("x"), tags("name", "a", ")"))));
        return tests(cases, node -> refused(nar(node)));
    }

    @TestFactory
    Stream<DynamicTest> brokenFramesAreRefused() {
        var cases = new LinkedHashMap<String, byte[]>();
        var content = tags("nix-archive-1", "(", "type", "regular", "contents");
        cases.put("another version", join(string("nix-archive-2"), directory()));
        cases.put("trailing bytes", join(nar(file("x")), new byte[] {'!'}));
        cases.put("trailing archive", join(nar(file("x")), nar(file("x"))));
        cases.put("cut", Arrays.copyOf(nar(file("z".repeat(100))), 180));
        cases.put("content of 2^63 - 1 bytes", join(content, length(Long.MAX_VALUE), new byte[] {'x'}));
        cases.put("content of 2^64 - 1 bytes", join(content, length(-1), new byte[] {'x'}));
        cases.put("content of 60 GiB, cut", join(content, length(60L << 30), new byte[1000]));
        cases.put("tag of 2^40 bytes", join(string("nix-archive-1"), length(1L << 40)));
        cases.put("tag of 33 bytes", join(tags("nix-archive-1", "(", "type"), string("x".repeat(33))));
        cases.put(
                "name of 2^40 bytes",
                join(tags("nix-archive-1", "(", "type", "directory", "entry", "(", "name"), length(1L << 40)));
        cases.put(
                "name of 2^63 bytes",
                join(tags("nix-archive-1", "(", "type", "directory", "entry", "(", "name"), length(Long.MIN_VALUE)));
        cases.put(
                "target of 2^40 bytes",
                join(tags("nix-archive-1", "(", "type", "symlink", "target"), length(1L << 40)));
        cases.put("empty", new byte[0]);
        cases.put("text", "<html>not found</html>".repeat(10).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return tests(cases, NarReaderTest::refused);
    }

    @Test
    void truncationAtAnyByteIsRefused() throws IOException {
        var archive = GoldenNixFiles.bytes("tree.nar");
        for (int size = 0; size < archive.length; size++) {
            refused(Arrays.copyOf(archive, size));
        }
    }

    @Test
    void nestingOf100000DirectoriesUsesNoStack() {
        var level = tags("(", "type", "directory", "entry", "(", "name", "d", "node");
        var levels = Stream.generate(() -> (InputStream) new ByteArrayInputStream(level))
                .limit(100_000);
        var in = new SequenceInputStream(
                new ByteArrayInputStream(string("nix-archive-1")),
                new SequenceInputStream(Collections.enumeration(levels.toList())));
        assertThrows(ProblemException.class, () -> NarReader.readWhole(in, NarLimits.DEFAULT, NOBODY));
    }

    @Test
    void archiveIsReadForAnyReadSize() throws IOException {
        var archive = GoldenNixFiles.bytes("tree.nar");
        assertArrayEquals(archive, NarCopy.of(new ByteArrayInputStream(archive), NarLimits.DEFAULT));
        assertArrayEquals(archive, NarCopy.of(new Trickle(new ByteArrayInputStream(archive)), NarLimits.DEFAULT));
    }

    @Test
    void filesLargerThanTheBufferAreRead() throws IOException {
        for (int size : new int[] {131_071, 131_072, 131_073, 1_000_000}) {
            var archive = nar(directory(
                    entry("a", file("a".repeat(size))),
                    entry("b", executable("b".repeat(size / 3), "")),
                    entry("c", file("c".repeat(7)))));
            assertArrayEquals(archive, NarCopy.of(new ByteArrayInputStream(archive), NarLimits.DEFAULT));
            assertEquals(archive.length, NarReader.read(new ByteArrayInputStream(archive), NarLimits.DEFAULT, NOBODY));
        }
    }

    @Test
    void sizeAndEntriesAreLimited() throws IOException {
        var archive = GoldenNixFiles.bytes("tree.nar");
        var exact = new NarLimits(archive.length, 26, 4, 10, 16);
        assertEquals(archive.length, NarReader.readWhole(new ByteArrayInputStream(archive), exact, NOBODY));
        assertEquals(413, status(archive, new NarLimits(archive.length - 1, 26, 4, 10, 16)));
        assertEquals(413, status(archive, new NarLimits(archive.length, 25, 4, 10, 16)));
        assertEquals(400, status(archive, new NarLimits(archive.length, 26, 3, 10, 16)));
        assertEquals(400, status(archive, new NarLimits(archive.length, 26, 4, 9, 16)));
        assertEquals(400, status(archive, new NarLimits(archive.length, 26, 4, 10, 15)));
    }

    @Test
    void declaredSizeOverTheLimitIsRefusedBeforeTheContent() {
        var archive = join(tags("nix-archive-1", "(", "type", "regular", "contents"), length(1L << 40));
        assertEquals(413, status(archive, NarLimits.DEFAULT));
    }

    @Test
    void failuresOfStreamAndVisitorPropagate() {
        var archive = GoldenNixFiles.bytes("tree.nar");
        var broken = new SequenceInputStream(new ByteArrayInputStream(archive, 0, 3000), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        });
        var thrown = assertThrows(IOException.class, () -> NarReader.readWhole(broken, NarLimits.DEFAULT, NOBODY));
        assertEquals("connection reset", thrown.getMessage());
        var full = assertThrows(
                IOException.class,
                () -> NarReader.readWhole(new ByteArrayInputStream(archive), NarLimits.DEFAULT, new NarVisitor() {
                    @Override
                    public void symlink(byte[] name, int depth, byte[] target) throws IOException {
                        throw new IOException("disk full");
                    }
                }));
        assertEquals("disk full", full.getMessage());
    }

    private static int status(byte[] archive, NarLimits limits) {
        return assertThrows(
                        ProblemException.class,
                        () -> NarReader.readWhole(new ByteArrayInputStream(archive), limits, NOBODY))
                .problem()
                .status();
    }

    private static void refused(byte[] archive) {
        status(archive, NarLimits.DEFAULT);
    }

    private static Stream<DynamicTest> tests(Map<String, byte[]> cases, Check check) {
        return cases.entrySet().stream().map(entry -> dynamicTest(entry.getKey(), () -> check.run(entry.getValue())));
    }

    private interface Check {
        void run(byte[] bytes) throws IOException;
    }

    /** Returns one byte per read. */
    private static final class Trickle extends FilterInputStream {
        Trickle(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return super.read(buffer, offset, Math.min(length, 1));
        }
    }
}
