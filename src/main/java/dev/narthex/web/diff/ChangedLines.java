package dev.narthex.web.diff;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.web.diff.TreePairs.Pair;
import dev.narthex.web.files.FileText;
import dev.narthex.web.files.FileTree;
import dev.narthex.web.files.LineDiff;
import dev.narthex.web.view.Patch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads changed text files and computes their line diffs, up to the limits of a page. */
final class ChangedLines {
    private static final int SHOWN = 30;

    /** More files are read than shown, because only reading shows which files are texts. */
    private static final int READ = 2 * SHOWN;

    private static final int READ_BYTES = 8 << 20;

    private static final int DENSE_FROM = 2000;
    private static final int MAX_LONG_LINES = 300;

    private final Map<Pair, FileComparison> looks = new HashMap<>();

    private ChangedLines() {}

    /**
     * The diff of a changed file.
     *
     * @param unshown why there is no diff, as in {@link dev.narthex.web.view.FileChanges.Change#unshown}; else empty
     */
    record FileComparison(String unshown, Optional<Patch> patch) {
        static FileComparison without(String why) {
            return new FileComparison(why, Optional.empty());
        }
    }

    static ChangedLines of(FileTree a, FileTree b, List<Pair> pairs) throws IOException {
        var lines = new ChangedLines();
        lines.read(a, b, pairs);
        return lines;
    }

    FileComparison of(Pair pair) {
        return looks.getOrDefault(pair, FileComparison.without(reasonUnread(pair)));
    }

    private static String reasonUnread(Pair pair) {
        if (!(pair.a() instanceof Entry.Regular a && pair.b() instanceof Entry.Regular b)) {
            return "kind";
        }
        return Math.max(a.size(), b.size()) > FileText.MAX_LENGTH ? "large" : "rest";
    }

    /** Two versions of a file. */
    private record Files(Pair pair, Entry.Regular a, Entry.Regular b) {
        long size() {
            return a.size() + b.size();
        }
    }

    private void read(FileTree a, FileTree b, List<Pair> pairs) throws IOException {
        var wantedFiles = filesToRead(pairs);
        var inA = texts(a, wantedFiles.stream().map(Files::a).toList());
        var inB = texts(b, wantedFiles.stream().map(Files::b).toList());
        var lines = new LineDiff();
        int shown = 0;
        for (var files : wantedFiles) {
            var x = Optional.ofNullable(inA.get(files.a));
            var y = Optional.ofNullable(inB.get(files.b));
            if (shown < SHOWN && x.isPresent() && y.isPresent()) {
                var look = compare(x.get(), y.get(), lines);
                looks.put(files.pair, look);
                shown += look.patch.isPresent() ? 1 : 0;
            }
        }
    }

    private static List<Files> filesToRead(List<Pair> pairs) {
        var wanted = new ArrayList<Files>();
        long bytes = 0;
        for (var pair : pairs) {
            if (pair.a() instanceof Entry.Regular a && pair.b() instanceof Entry.Regular b) {
                var files = new Files(pair, a, b);
                boolean fits =
                        Math.max(a.size(), b.size()) <= FileText.MAX_LENGTH && bytes + files.size() <= READ_BYTES;
                if (fits && wanted.size() < READ) {
                    wanted.add(files);
                    bytes += files.size();
                }
            }
        }
        return wanted;
    }

    private static Map<Entry.Regular, FileText> texts(FileTree tree, List<Entry.Regular> files) throws IOException {
        var texts = new HashMap<Entry.Regular, FileText>();
        tree.visit(files, Long.MAX_VALUE, (file, in) -> texts.put(file, FileText.of(in.readNBytes((int) file.size()))));
        return texts;
    }

    /** Returns whether the text looks generated or minified: with a few very long lines, a line diff is useless. */
    private static boolean isDense(String text) {
        return text.length() > DENSE_FROM && text.length() / text.lines().count() > MAX_LONG_LINES;
    }

    private static FileComparison compare(FileText a, FileText b, LineDiff lines) {
        if (a.text().isEmpty() || b.text().isEmpty()) {
            return FileComparison.without(a.kind().text() && b.kind().text() ? "large" : "binary");
        }
        if (a.text().equals(b.text())) {
            return FileComparison.without("mode");
        }
        if (isDense(a.text().get()) || isDense(b.text().get())) {
            return FileComparison.without("dense");
        }
        var patch = lines.of(a.text().get(), b.text().get());
        return new FileComparison(patch.isPresent() ? "" : "large", patch);
    }
}
