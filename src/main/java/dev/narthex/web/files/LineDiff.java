package dev.narthex.web.files;

import com.github.difflib.algorithm.Change;
import com.github.difflib.algorithm.myers.MyersDiffWithLinearSpace;
import dev.narthex.web.page.Format;
import dev.narthex.web.view.Patch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares texts line by line, within the limits of one page. Lines that occur in only one text need no search; the rest is
 * compared with Myers' algorithm in linear space. Its time is quadratic for long texts that share many lines in a different order,
 * so comparisons are counted across all texts of the page, and a pair that exceeds the remaining number gets no diff. Not
 * thread-safe.
 */
public final class LineDiff {
    private static final int CONTEXT = 3;
    private static final int MAX_COMPARISONS = 20_000_000;
    private static final int MAX_LINES = 3000;
    private static final int MAX_LINES_PER_TEXT = 400;
    private static final int MAX_LINE_LENGTH = 500;

    /** Appended to a last line without a line break. Texts do not contain NUL. */
    private static final String UNENDED = "\0";

    private int comparisons = MAX_COMPARISONS;
    private int lines = MAX_LINES;

    /** Aborts a comparison that takes too long. It has no stack trace because it is only used for control flow. */
    private static final class BudgetExceededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BudgetExceededException() {
            super("no comparisons are left", null, false, false);
        }
    }

    /** Returns the diff; empty if it would take too many comparisons. */
    public Optional<Patch> of(String first, String second) {
        var a = lines(first);
        var b = lines(second);
        var common = new CommonLines(new boolean[a.size()], new boolean[b.size()]);
        int start = 0;
        while (start < Math.min(a.size(), b.size()) && a.get(start).equals(b.get(start))) {
            start++;
        }
        int end = 0;
        while (end < Math.min(a.size(), b.size()) - start
                && a.get(a.size() - 1 - end).equals(b.get(b.size() - 1 - end))) {
            end++;
        }
        common.mark(start, end);
        try {
            match(a.subList(start, a.size() - end), b.subList(start, b.size() - end), start, common);
        } catch (BudgetExceededException e) {
            comparisons = 0;
            return Optional.empty();
        }
        return Optional.of(patch(steps(a, b, common)));
    }

    private static List<String> lines(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        var lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        } else {
            lines.set(lines.size() - 1, lines.getLast() + UNENDED);
        }
        return lines;
    }

    /** Marks, for each line of the two texts, whether it is in both. Marked lines have the same order in both texts. */
    private record CommonLines(boolean[] a, boolean[] b) {
        void mark(int start, int end) {
            Arrays.fill(a, 0, start, true);
            Arrays.fill(b, 0, start, true);
            Arrays.fill(a, a.length - end, a.length, true);
            Arrays.fill(b, b.length - end, b.length, true);
        }
    }

    /** Compares the lines by number, without those that occur in only one text. */
    private void match(List<String> a, List<String> b, int offset, CommonLines common) {
        var numbers = new HashMap<String, Integer>();
        a.forEach(line -> numbers.putIfAbsent(line, numbers.size()));
        var shared = new boolean[numbers.size()];
        for (var line : b) {
            var number = numbers.get(line);
            if (number != null) {
                shared[number] = true;
            }
        }
        var inA = shared(a, numbers, shared);
        var inB = shared(b, numbers, shared);
        var numbersA = inA.stream().map(i -> numbers.get(a.get(i))).toList();
        var numbersB = inB.stream().map(i -> numbers.get(b.get(i))).toList();
        inA.forEach(i -> common.a[offset + i] = true);
        inB.forEach(i -> common.b[offset + i] = true);
        for (var change : changes(numbersA, numbersB)) {
            for (int i = change.startOriginal; i < change.endOriginal; i++) {
                common.a[offset + inA.get(i)] = false;
            }
            for (int i = change.startRevised; i < change.endRevised; i++) {
                common.b[offset + inB.get(i)] = false;
            }
        }
    }

    private static List<Integer> shared(List<String> lines, Map<String, Integer> numbers, boolean[] shared) {
        var indices = new ArrayList<Integer>();
        for (int i = 0; i < lines.size(); i++) {
            var number = numbers.get(lines.get(i));
            if (number != null && shared[number]) {
                indices.add(i);
            }
        }
        return indices;
    }

    private List<Change> changes(List<Integer> a, List<Integer> b) {
        return new MyersDiffWithLinearSpace<Integer>((x, y) -> {
                    if (--comparisons < 0) {
                        throw new BudgetExceededException();
                    }
                    return x.intValue() == y.intValue();
                })
                .computeDiff(new ArrayList<>(a), new ArrayList<>(b), null);
    }

    /**
     * A line of the diff.
     *
     * @param a its number in the first text, or that of the preceding line there
     * @param b its number in the second text, or that of the preceding line there
     */
    private record DiffLine(char mark, String text, int a, int b) {}

    private static List<DiffLine> steps(List<String> a, List<String> b, CommonLines common) {
        var steps = new ArrayList<DiffLine>();
        int i = 0;
        int j = 0;
        while (i < a.size() || j < b.size()) {
            if (i < a.size() && !common.a[i]) {
                steps.add(new DiffLine('-', a.get(i), ++i, j));
            } else if (j < b.size() && !common.b[j]) {
                steps.add(new DiffLine('+', b.get(j), i, ++j));
            } else {
                steps.add(new DiffLine(' ', b.get(j), ++i, ++j));
            }
        }
        return steps;
    }

    private Patch patch(List<DiffLine> steps) {
        var hunks = new ArrayList<Patch.Hunk>();
        int max = Math.min(lines, MAX_LINES_PER_TEXT);
        int shown = 0;
        int more = 0;
        for (int at = next(steps, 0); at < steps.size(); ) {
            int from = Math.max(at - CONTEXT, 0);
            int end = at + 1;
            for (int next = next(steps, end); next < steps.size() && next - end <= 2 * CONTEXT; ) {
                end = next + 1;
                next = next(steps, end);
            }
            int to = Math.min(end + CONTEXT, steps.size());
            if (shown < max) {
                int last = Math.min(to, from + max - shown);
                hunks.add(hunk(steps.subList(from, last)));
                shown += last - from;
                more += to - last;
            } else {
                more += to - from;
            }
            at = next(steps, end);
        }
        lines -= shown;
        return new Patch(count(steps, '-'), count(steps, '+'), hunks, more);
    }

    /** Returns the index of the next change, starting at {@code from}. */
    private static int next(List<DiffLine> steps, int from) {
        int at = from;
        while (at < steps.size() && steps.get(at).mark == ' ') {
            at++;
        }
        return at;
    }

    private static int count(List<DiffLine> steps, char mark) {
        return (int) steps.stream().filter(step -> step.mark == mark).count();
    }

    private static Patch.Hunk hunk(List<DiffLine> steps) {
        boolean inFirst = steps.stream().allMatch(step -> step.mark == '-');
        var numbered = steps.stream()
                .filter(step -> inFirst || step.mark != '-')
                .map(step -> inFirst ? step.a : step.b)
                .toList();
        return new Patch.Hunk(
                numbered.getFirst(),
                numbered.getLast(),
                inFirst,
                steps.stream().map(LineDiff::line).toList());
    }

    /** Converts a line. Carriage returns are made visible; otherwise different lines could look equal. */
    private static Patch.Line line(DiffLine step) {
        boolean unended = step.text.endsWith(UNENDED);
        var text = unended ? step.text.substring(0, step.text.length() - 1) : step.text;
        var seen = text.replace('\r', '␍');
        int cut = Math.max(0, seen.codePointCount(0, seen.length()) - MAX_LINE_LENGTH);
        return new Patch.Line(String.valueOf(step.mark), Format.truncate(seen, MAX_LINE_LENGTH), cut, unended);
    }
}
