package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NarWriterTest {
    private static final byte[] ROOT = {};

    @Test
    void flatFileMatchesNix() throws IOException {
        var content = "flat content".getBytes(StandardCharsets.US_ASCII);
        var out = new ByteArrayOutputStream();
        NarWriter.flat(out, content.length, new ByteArrayInputStream(content));
        assertEquals(128, NarWriter.flatSize(12));
        assertEquals(128, out.size());
        assertArrayEquals(content, Arrays.copyOfRange(out.toByteArray(), 96, 108));
        assertEquals(
                "sha256:1153kshfcm7w809wb9fnz4rmnhdrrjpx9xv865idqsr761j2jbjp",
                NixHash.sha256(out.toByteArray()).toString());
        assertEquals(112, NarWriter.flatSize(0));
        assertEquals(120, NarWriter.flatSize(8));
    }

    @Test
    void randomTreesSurviveARoundTrip() throws IOException {
        var random = new Random(11);
        for (int i = 0; i < 200; i++) {
            var tree = new RandomTree(random);
            var archive = tree.archive();
            assertArrayEquals(archive, NarCopy.of(new ByteArrayInputStream(archive), NarLimits.DEFAULT));
            var builder = new NarListing.Builder();
            NarReader.readWhole(new ByteArrayInputStream(archive), NarLimits.DEFAULT, builder);
            var listing = builder.build();
            assertEquals(listing, NarListing.parse(listing.json()));
            assertEquals(tree.contents, contents(listing, archive));
        }
    }

    @Test
    void invalidNamesAreRefused() throws IOException {
        for (var name : new String[] {"", ".", "..", "a/b", "a\0b", "b", "a"}) {
            var writer = new NarWriter(nowhere());
            writer.start();
            writer.directory(ROOT);
            writer.symlink(bytes("b"), bytes("x"));
            assertThrows(ProblemException.class, () -> writer.directory(bytes(name)), name);
        }
    }

    @Test
    void unfinishedArchiveIsRefused() throws IOException {
        var writer = new NarWriter(nowhere());
        writer.start();
        writer.directory(ROOT);
        assertThrows(IOException.class, writer::close);
        writer.endDirectory();
        writer.close();
        assertThrows(IllegalStateException.class, () -> writer.directory(ROOT));
        assertThrows(IllegalStateException.class, writer::endDirectory);
        assertThrows(IllegalStateException.class, writer::start);
        assertThrows(IllegalStateException.class, () -> new NarWriter(nowhere()).directory(ROOT));
    }

    @Test
    void contentShorterThanItsSizeFailsAndExcessIsUnread() throws IOException {
        assertThrows(EOFException.class, () -> NarWriter.flat(nowhere(), 5, InputStream.nullInputStream()));
        var content = new ByteArrayInputStream(bytes("content and more"));
        NarWriter.flat(nowhere(), 7, content);
        assertArrayEquals(bytes(" and more"), content.readAllBytes());
    }

    private static OutputStream nowhere() {
        return OutputStream.nullOutputStream();
    }

    private static Map<String, String> contents(NarListing listing, byte[] archive) {
        var contents = new HashMap<String, String>();
        listing.files().forEach((path, file) -> {
            int from = (int) file.narOffset();
            int size = (int) file.size();
            contents.put(path, new String(archive, from, size, StandardCharsets.ISO_8859_1));
            assertEquals(file, listing.find(path).orElseThrow());
        });
        return contents;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes a random tree of at most a few hundred entries with arbitrary bytes in names. */
    private static final class RandomTree {
        private final Random random;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final NarWriter writer = new NarWriter(out);
        private final Map<String, String> contents = new TreeMap<>();

        RandomTree(Random random) {
            this.random = random;
        }

        byte[] archive() throws IOException {
            writer.start();
            node("", ROOT, 0);
            writer.close();
            return out.toByteArray();
        }

        private void node(String path, byte[] name, int depth) throws IOException {
            int kind = random.nextInt(depth > 6 ? 2 : 4);
            if (kind == 0) {
                writer.symlink(name, randomBytes(1 + random.nextInt(30), '/'));
            } else if (kind == 1) {
                var content = randomBytes(random.nextInt(40) == 0 ? 300_000 : random.nextInt(50), 0);
                contents.put(path, new String(content, StandardCharsets.ISO_8859_1));
                writer.regular(name, random.nextBoolean(), content.length, new ByteArrayInputStream(content));
            } else {
                writer.directory(name);
                for (var child : names()) {
                    var text = SurrogateEscapedText.decode(child);
                    node(path.isEmpty() ? text : path + "/" + text, child, depth + 1);
                }
                writer.endDirectory();
            }
        }

        private TreeSet<byte[]> names() {
            var names = new TreeSet<byte[]>(Arrays::compareUnsigned);
            for (int i = random.nextInt(5); i > 0; i--) {
                var name = randomBytes(1 + random.nextInt(10), 'x');
                if (NarReader.isFileName(name)) {
                    names.add(name);
                }
            }
            return names;
        }

        /** Random bytes, with NUL replaced by {@code instead}, and slashes too if it is a letter. */
        private byte[] randomBytes(int size, int instead) {
            var bytes = new byte[size];
            random.nextBytes(bytes);
            for (int i = 0; i < size; i++) {
                if (bytes[i] == 0 || (instead == 'x' && bytes[i] == '/')) {
                    bytes[i] = (byte) instead;
                }
            }
            return bytes;
        }
    }
}
