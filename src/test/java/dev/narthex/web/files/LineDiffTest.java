package dev.narthex.web.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.web.view.Patch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineDiffTest {
    private static Patch patch(String a, String b) {
        return new LineDiff().of(a, b).orElseThrow();
    }

    /** Lines with their marks; hunks are separated by a line with their numbers. */
    private static List<String> told(Patch patch) {
        var told = new ArrayList<String>();
        for (var hunk : patch.hunks()) {
            told.add("@" + hunk.from() + "-" + hunk.to() + (hunk.inFirst() ? " of the first" : ""));
            hunk.lines().forEach(line -> told.add(line.mark() + line.text() + (line.unended() ? "\\" : "")));
        }
        return told;
    }

    private static String numbered(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }

    @Test
    void hunkHasThreeLinesOfContext() {
        var a = numbered(1, 20);
        assertEquals(
                List.of("@7-13", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13"),
                told(patch(a, a.replace("10\n", "ten\n"))));
    }

    @Test
    void nearbyChangesShareAHunk() {
        var a = numbered(1, 40);
        var b = a.replace("\n10\n", "\nten\n").replace("\n17\n", "\n").replace("\n30\n", "\n30\nmore\n");
        var patch = patch(a, b);
        assertEquals(2, patch.hunks().size());
        assertEquals(List.of(2, 2), List.of(patch.removed(), patch.added()));
        assertEquals(7, patch.hunks().getFirst().from());
        assertEquals(19, patch.hunks().getFirst().to());
        assertEquals(
                List.of("+more"),
                told(patch).stream().filter(l -> l.equals("+more")).toList());
    }

    @Test
    void removedLinesHaveOldLineNumbers() {
        assertEquals(List.of("@1-2 of the first", "-a", "-b"), told(patch("a\nb\n", "")));
        assertEquals(List.of("@1-1", "+a"), told(patch("", "a\n")));
    }

    @Test
    void lineEndingsAreCompared() {
        assertEquals(List.of("@1-1", "-a\\", "+a"), told(patch("a", "a\n")));
        assertEquals(List.of("@1-2", "-a␍", "+a", " b"), told(patch("a\r\nb\n", "a\nb\n")));
    }

    @Test
    void diffIsMinimal() {
        var random = new Random(5);
        for (int round = 0; round < 500; round++) {
            var a = text(random);
            var b = text(random);
            var patch = patch(String.join("", a), String.join("", b));
            int common = longestCommon(a, b);
            assertEquals(a.size() - common, patch.removed(), () -> a + " " + b);
            assertEquals(b.size() - common, patch.added(), () -> a + " " + b);
            assertEquals(b, applied(a, patch), () -> a + " " + b + " " + told(patch));
        }
    }

    private static List<String> text(Random random) {
        return random.ints(random.nextInt(12), 0, 5).mapToObj(i -> i + "\n").toList();
    }

    private static int longestCommon(List<String> a, List<String> b) {
        var best = new int[a.size() + 1][b.size() + 1];
        for (int i = a.size() - 1; i >= 0; i--) {
            for (int j = b.size() - 1; j >= 0; j--) {
                best[i][j] =
                        a.get(i).equals(b.get(j)) ? 1 + best[i + 1][j + 1] : Math.max(best[i + 1][j], best[i][j + 1]);
            }
        }
        return best[0][0];
    }

    /** Applies a patch using its marks and line numbers. */
    private static List<String> applied(List<String> a, Patch patch) {
        var made = new ArrayList<String>();
        int at = 0;
        for (var hunk : patch.hunks()) {
            int before = hunk.inFirst() ? hunk.from() - 1 - at : hunk.from() - 1 - made.size();
            made.addAll(a.subList(at, at + before));
            at += before;
            for (var line : hunk.lines()) {
                if (line.mark().equals("+")) {
                    made.add(line.text() + "\n");
                } else {
                    assertEquals(a.get(at++), line.text() + "\n");
                    if (line.mark().equals(" ")) {
                        made.add(line.text() + "\n");
                    }
                }
            }
        }
        made.addAll(a.subList(at, a.size()));
        return made;
    }

    @Test
    void unrelatedLongTextsAreComparedQuickly() {
        var a = numbered(1, 5000);
        var b = numbered(10_001, 15_000);
        var patch = patch(a, b);
        assertEquals(5000, patch.removed());
        assertEquals(5000, patch.added());
        int shown = patch.hunks().stream().mapToInt(h -> h.lines().size()).sum();
        assertTrue(shown <= 400, () -> shown + " lines");
        assertEquals(10_000 - shown, patch.more());
    }

    @Test
    void slowComparisonIsCutShort() {
        var lines = new ArrayList<>(numbered(1, 5000).lines().toList());
        var a = String.join("\n", lines);
        Collections.shuffle(lines, new Random(1));
        var diff = new LineDiff();
        assertTrue(diff.of(a, String.join("\n", lines)).isEmpty());
        assertTrue(diff.of("a\nb\na\nb\n", "b\na\nb\na\n").isEmpty(), "nothing is left for the next one");
        assertTrue(diff.of("a\n", "b\n").isPresent(), "this one takes nothing");
    }

    @Test
    void shownLinesAreLimited() {
        var diff = new LineDiff();
        int shown = 0;
        for (int i = 0; i < 20; i++) {
            var patch = diff.of(numbered(1, 300), numbered(1001, 1300)).orElseThrow();
            shown += patch.hunks().stream().mapToInt(h -> h.lines().size()).sum();
        }
        assertEquals(3000, shown);
    }

    @Test
    void longLinesAreTruncated() {
        var line = patch("x".repeat(700), "y\n").hunks().getFirst().lines().getFirst();
        assertEquals("x".repeat(500) + "…", line.text());
        assertEquals(200, line.cut());
    }
}
