package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrvNameTest {
    @Test
    void namesAreSplitAsInNix() {
        var lines = GoldenNixFiles.lines("names.cut");
        assertEquals(GoldenNixFiles.lines("names.txt").size(), lines.size());
        for (var line : lines) {
            var cells = line.split("\t", -1);
            assertEquals(new DrvName(cells[1], cells[2]), DrvName.parse(cells[0]), line);
        }
    }

    @Test
    void versionsCompareAsInNix() {
        var versions = GoldenNixFiles.lines("versions.txt");
        var expected = GoldenNixFiles.lines("versions.compared").iterator();
        for (var a : versions) {
            for (var b : versions) {
                assertEquals(Integer.parseInt(expected.next()), DrvName.compareVersions(a, b), a + " ? " + b);
            }
        }
    }

    @Test
    void keyOrderMatchesNixOnRandomPairs() {
        var pairs = GoldenNixFiles.lines("pairs.txt");
        var expected = GoldenNixFiles.lines("pairs.compared");
        assertEquals(pairs.size(), expected.size());
        for (int i = 0; i < pairs.size(); i++) {
            var pair = pairs.get(i).split("\t", -1);
            int byKey = Arrays.compareUnsigned(DrvName.versionKey(pair[0]), DrvName.versionKey(pair[1]));
            assertEquals(Integer.parseInt(expected.get(i)), Integer.signum(byKey), pairs.get(i));
            assertEquals(Integer.parseInt(expected.get(i)), DrvName.compareVersions(pair[0], pair[1]), pairs.get(i));
        }
    }

    @Test
    void componentsAreComparedByBytesEvenWithNul() {
        var words = List.of("a", "a\0", "a\0\0", "a\0b", "a\u0001", "ab", "b", "ﬀ", "😀");
        for (int i = 1; i < words.size(); i++) {
            assertEquals(-1, DrvName.compareVersions(words.get(i - 1) + ".9", words.get(i)), "word " + i);
        }
    }

    @Test
    void emptyVersionIsLowestExceptForPre() {
        assertEquals(0, DrvName.compareVersions("", "..-"));
        assertEquals(-1, DrvName.compareVersions("", "a"));
        assertEquals(1, DrvName.compareVersions("", "pre"));
        assertArrayEquals(DrvName.versionKey("1.0"), DrvName.versionKey("01-0."));
    }
}
