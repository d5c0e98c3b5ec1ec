package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HashModuloTest {
    private static final StorePath PATH = new StorePath("hmr5fmrsbgbqwr70dharfih2zysp0dq9", "selfish");
    private static final byte[] SELF = PATH.hash().getBytes(StandardCharsets.US_ASCII);

    /** Made by {@code nix store make-content-addressed} of nix 2.26.3, which does not hash the offsets of self-references. */
    private static final NixHash OF_NIX_2_26 =
            NixHash.parse("sha256:0viqwx3xh12cdq8d9wca7919v6m878v202hpi9dcdvaw43wm5izl");

    private static byte[] selfish() throws IOException {
        var text = "a " + PATH + " b zz " + PATH;
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return NarWriter.flat(bytes.length, new ByteArrayInputStream(bytes)).readAllBytes();
    }

    private static boolean matches(NixHash hash, byte[] nar) throws IOException {
        return new HashModulo(PATH).matches(hash, () -> new ByteArrayInputStream(nar));
    }

    @Test
    void hashMatchesNix() throws IOException {
        assertTrue(matches(OF_NIX_2_26, selfish()));
    }

    @Test
    void offsetsMayBeHashedAfterTheContent() throws IOException {
        var hashed = new ByteArrayOutputStream();
        hashed.writeBytes(new String(selfish(), StandardCharsets.ISO_8859_1)
                .replace(PATH.hash(), "\0".repeat(32))
                .getBytes(StandardCharsets.ISO_8859_1));
        hashed.writeBytes("|109|166".getBytes(StandardCharsets.US_ASCII));
        assertTrue(matches(NixHash.sha256(hashed.toByteArray()), selfish()));
    }

    @Test
    void differentContentHasADifferentHash() throws IOException {
        var nar = selfish();
        nar[98]++;
        assertFalse(matches(OF_NIX_2_26, nar));
    }

    /** References across buffer boundaries, adjacent references, and references at both ends, for various write sizes. */
    @Test
    void hashDoesNotDependOnWriteSizes() throws IOException {
        var content = new byte[300_000];
        new Random(1).nextBytes(content);
        int[] offsets = {0, 32, 65_520, 65_552, 131_041, 200_000, content.length - 32};
        var hashed = content.clone();
        var suffix = new StringBuilder();
        for (int offset : offsets) {
            System.arraycopy(SELF, 0, content, offset, SELF.length);
            Arrays.fill(hashed, offset, offset + SELF.length, (byte) 0);
            suffix.append('|').append(offset);
        }
        var whole = new ByteArrayOutputStream();
        whole.writeBytes(hashed);
        whole.writeBytes(suffix.toString().getBytes(StandardCharsets.US_ASCII));
        for (int piece : new int[] {1, 31, 33, 4096, content.length}) {
            HashModulo.NarOpener nar = () -> cut(content, piece);
            assertTrue(new HashModulo(PATH).matches(NixHash.sha256(hashed), nar), () -> "pieces of " + piece);
            assertTrue(
                    new HashModulo(PATH).matches(NixHash.sha256(whole.toByteArray()), nar), () -> "pieces of " + piece);
        }
    }

    @Test
    void offsetsBeyondTheBufferAreFoundAgain() throws IOException {
        var references = PATH.hash().repeat(100).getBytes(StandardCharsets.US_ASCII);
        var hashed = new StringBuilder("\0".repeat(references.length));
        for (int offset = 0; offset < references.length; offset += SELF.length) {
            hashed.append('|').append(offset);
        }
        var opened = new AtomicInteger();
        var hash = NixHash.sha256(hashed.toString().getBytes(StandardCharsets.US_ASCII));
        assertTrue(new HashModulo(PATH, 10).matches(hash, () -> {
            opened.incrementAndGet();
            return new ByteArrayInputStream(references);
        }));
        assertEquals(2, opened.get());
    }

    private static InputStream cut(byte[] content, int piece) {
        return new ByteArrayInputStream(content) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                return super.read(buffer, offset, Math.min(piece, length));
            }
        };
    }
}
