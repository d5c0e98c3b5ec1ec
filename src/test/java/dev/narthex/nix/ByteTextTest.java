package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteTextTest {
    @Test
    void anyBytesComeBack() {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            var bytes = bytes(random);
            var text = ByteText.decode(bytes);
            assertArrayEquals(bytes, ByteText.encode(text));
            assertTrue(ByteText.isDecodedText(text));
            assertTrue(StandardCharsets.UTF_8.newEncoder().canEncode(ByteText.toDisplayText(text)));
        }
    }

    @Test
    void orderIsThatOfTheBytes() {
        var random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            var a = bytes(random);
            var b = random.nextInt(3) == 0 ? Arrays.copyOf(a, a.length + 1) : bytes(random);
            int expected = Integer.signum(Arrays.compareUnsigned(a, b));
            assertEquals(expected, Integer.signum(ByteText.BYTE_ORDER.compare(ByteText.decode(a), ByteText.decode(b))));
        }
    }

    @Test
    void utf8StaysAsItIs() {
        for (var text : new String[] {"", "a", "ümlaut", "漢字", "😀", "\uFFFD", "\0"}) {
            assertEquals(text, ByteText.decode(text.getBytes(StandardCharsets.UTF_8)));
            assertEquals(text, ByteText.toDisplayText(text));
        }
        assertEquals("\uDCFF\uDCFE", ByteText.decode(new byte[] {(byte) 0xff, (byte) 0xfe}));
        assertEquals("\uFFFD", ByteText.toDisplayText("\uDCFF"));
    }

    @Test
    void surrogatesThatStandForNoByteAreNotExact() {
        assertFalse(ByteText.isDecodedText("\uD800"));
        assertFalse(ByteText.isDecodedText("\uDC00"));
        assertFalse(ByteText.isDecodedText("\uDCC3\uDCA9"));
    }

    /** Short, with many beginnings of longer characters. */
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
