package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DrvNameTest {
    private static final String ALPHABET = "0123456789.-abpre+_ü\0";

    @Test
    void namesAreCutAsNixCutsThem() {
        var lines = Golden.lines("names.cut");
        assertEquals(Golden.lines("names.txt").size(), lines.size());
        for (var line : lines) {
            var cells = line.split("\t", -1);
            assertEquals(new DrvName(cells[1], cells[2]), DrvName.parse(cells[0]), line);
        }
    }

    @Test
    void versionsCompareAsInNix() {
        var versions = Golden.lines("versions.txt");
        var expected = Golden.lines("versions.compared").iterator();
        for (var a : versions) {
            for (var b : versions) {
                assertEquals(Integer.parseInt(expected.next()), DrvName.compareVersions(a, b), a + " ? " + b);
            }
        }
    }

    @Test
    void keyOrderIsVersionOrder() {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var a = version(random);
            var b = random.nextInt(4) == 0 ? a + version(random) : version(random);
            int byKey = Arrays.compareUnsigned(DrvName.versionKey(a), DrvName.versionKey(b));
            assertEquals(Reference.compareVersions(a, b), Integer.signum(byKey), a + " ? " + b);
            assertEquals(Integer.signum(byKey), DrvName.compareVersions(a, b), a + " ? " + b);
        }
    }

    @Test
    void emptyVersionIsTheLowestButForPre() {
        assertEquals(0, DrvName.compareVersions("", "..-"));
        assertEquals(-1, DrvName.compareVersions("", "a"));
        assertEquals(1, DrvName.compareVersions("", "pre"));
        assertArrayEquals(DrvName.versionKey("1.0"), DrvName.versionKey("01-0."));
    }

    private static String version(Random random) {
        if (random.nextInt(20) == 0) {
            return Long.toString(Integer.MAX_VALUE - 2L + random.nextInt(4));
        }
        var text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(random.nextInt(10) == 0 ? "pre" : ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }

    /** The comparison as NixOS/nix src/libstore/names.cc words it: component by component, by cases. */
    private static final class Reference {
        private final byte[] text;
        private int at;

        Reference(String text) {
            this.text = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        }

        static int compareVersions(String a, String b) {
            var p = new Reference(a);
            var q = new Reference(b);
            while (p.at < p.text.length || q.at < q.text.length) {
                var c = p.component();
                var d = q.component();
                if (less(c, d)) {
                    return -1;
                } else if (less(d, c)) {
                    return 1;
                }
            }
            return 0;
        }

        private byte[] component() {
            while (at < text.length && (text[at] == '.' || text[at] == '-')) {
                at++;
            }
            int start = at;
            boolean digits = at < text.length && isDigit(text[at]);
            while (at < text.length && text[at] != '.' && text[at] != '-' && isDigit(text[at]) == digits) {
                at++;
            }
            return Arrays.copyOfRange(text, start, at);
        }

        private static boolean less(byte[] c, byte[] d) {
            long m = number(c);
            long n = number(d);
            boolean cIsPre = Arrays.equals(c, new byte[] {'p', 'r', 'e'});
            boolean dIsPre = Arrays.equals(d, new byte[] {'p', 'r', 'e'});
            if (m >= 0 && n >= 0) {
                return m < n;
            } else if (c.length == 0 && n >= 0) {
                return true;
            } else if (cIsPre || dIsPre) {
                return cIsPre && !dIsPre;
            } else if (m >= 0 || n >= 0) {
                return n >= 0;
            }
            return Arrays.compareUnsigned(c, d) < 0;
        }

        private static long number(byte[] component) {
            if (component.length == 0 || !isDigit(component[0])) {
                return -1;
            }
            var value = new java.math.BigInteger(new String(component, java.nio.charset.StandardCharsets.US_ASCII));
            return value.bitLength() < 32 ? value.longValue() : -1;
        }

        private static boolean isDigit(byte b) {
            return b >= '0' && b <= '9';
        }
    }
}
