package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SurrogateEscapedTextTest {
    @Test
    void arbitraryBytesSurviveARoundTrip() {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            var bytes = bytes(random);
            var text = SurrogateEscapedText.decode(bytes);
            assertArrayEquals(bytes, SurrogateEscapedText.encode(text));
            assertTrue(SurrogateEscapedText.isDecodedText(text));
            assertTrue(StandardCharsets.UTF_8.newEncoder().canEncode(SurrogateEscapedText.toDisplayText(text)));
        }
    }

    @Test
    void orderMatchesTheBytes() {
        var random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            var a = bytes(random);
            var b = random.nextInt(3) == 0 ? Arrays.copyOf(a, a.length + 1) : bytes(random);
            int expected = Integer.signum(Arrays.compareUnsigned(a, b));
            assertEquals(
                    expected,
                    Integer.signum(SurrogateEscapedText.BYTE_ORDER.compare(
                            SurrogateEscapedText.decode(a), SurrogateEscapedText.decode(b))));
        }
    }

    @Test
    void utf8IsUnchanged() {
        for (var text : new String[] {"", "a", "ümlaut", "漢字", "😀", "\uFFFD", "\0"}) {
            assertEquals(text, SurrogateEscapedText.decode(text.getBytes(StandardCharsets.UTF_8)));
            assertEquals(text, SurrogateEscapedText.toDisplayText(text));
        }
        assertEquals("\uDCFF\uDCFE", SurrogateEscapedText.decode(new byte[] {(byte) 0xff, (byte) 0xfe}));
        assertEquals("\uFFFD", SurrogateEscapedText.toDisplayText("\uDCFF"));
    }

    @Test
    void otherSurrogatesAreNotReversible() {
        assertFalse(SurrogateEscapedText.isDecodedText("\uD800"));
        assertFalse(SurrogateEscapedText.isDecodedText("\uDC00"));
        assertFalse(SurrogateEscapedText.isDecodedText("\uDCC3\uDCA9"));
    }

    /** Returns short random bytes with many lead bytes of multi-byte characters. */
    private static byte[] bytes(Random random) {
        var parts = new String[] {"a", "é", "\uE000", "漢", "😀", "\uFFFD"};
        var out = new java.io.ByteArrayOutputStream();
        for (int i = random.nextInt(4); i > 0; i--) {
            var part = parts[random.nextInt(parts.length)].getBytes(StandardCharsets.UTF_8);
            out.write(part, 0, random.nextInt(3) == 0 ? random.nextInt(part.length) : part.length);
            if (random.nextInt(3) == 0) {
                out.write(random.nextInt(256));
            }
        }
        return out.toByteArray();
    }
}
