package dev.narthex.web.diff;

import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.web.diff.ChangedLines.FileComparison;
import dev.narthex.web.diff.TreePairs.Pair;
import dev.narthex.web.files.FileTree;
import dev.narthex.web.view.FileChanges;
import dev.narthex.web.view.FileChanges.Change;
import dev.narthex.web.view.FileChanges.Group;
import dev.narthex.web.view.FileChanges.Node;
import dev.narthex.web.view.FileChanges.Total;
import dev.narthex.web.view.Urls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Compares the files of two trees. Listings contain sizes but no digests, so files of equal size are read, in one pass over each
 * tree and up to a limit; files beyond it are not reported as equal. Changed texts are then read and compared line by line.
 */
final class FileDiff {
    private static final int LISTED = 200;

    /** Maximum total length of listed paths and symlink targets, because each of them may be long. */
    private static final int MAX_CHARACTERS = 1 << 19;

    /**
     * One of the two trees.
     *
     * @param files URL below which the files have their pages
     * @param version version of the release or path, or empty
     * @param mask masks the hash parts of the path and its references
     */
    record Side(FileTree tree, Map<String, Entry> leaves, String files, String version, HashMask mask) {}

    private enum Verdict {
        SAME,
        CHANGED,
        PATHS_ONLY,
        UNSURE
    }

    private final Side a;
    private final Side b;
    private int room = MAX_CHARACTERS;

    private FileDiff(Side a, Side b) {
        this.a = a;
        this.b = b;
    }

    static FileChanges of(Side a, Side b) throws IOException {
        var pairs = TreePairs.of(new TreePairs.Tree(a.leaves, a.version), new TreePairs.Tree(b.leaves, b.version));
        return new FileDiff(a, b).changes(pairs);
    }

    private FileChanges changes(TreePairs pairs) throws IOException {
        var verdicts = verdicts(pairs.pairs());
        var changed = with(Verdict.CHANGED, verdicts);
        var lines = ChangedLines.of(a.tree, b.tree, changed);
        return new FileChanges(
                total(a),
                total(b),
                group(changed, pair -> change(pair, lines.of(pair))),
                group(with(Verdict.PATHS_ONLY, verdicts), pair -> change(pair, FileComparison.without(""))),
                group(pairs.onlyB().entrySet(), file -> addedOrRemoved(file, Optional.empty(), node(b, file))),
                group(pairs.onlyA().entrySet(), file -> addedOrRemoved(file, node(a, file), Optional.empty())),
                group(with(Verdict.UNSURE, verdicts), pair -> change(pair, FileComparison.without(""))),
                with(Verdict.SAME, verdicts).size());
    }

    private static Total total(Side side) {
        long size = side.leaves.values().stream()
                .mapToLong(entry -> entry instanceof Entry.Regular regular ? regular.size() : 0)
                .sum();
        return new Total(side.leaves.size(), size);
    }

    private static List<Pair> with(Verdict verdict, Map<Pair, Verdict> verdicts) {
        return verdicts.entrySet().stream()
                .filter(e -> e.getValue() == verdict)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns the result for each pair, in the order of the pairs. */
    private Map<Pair, Verdict> verdicts(List<Pair> pairs) throws IOException {
        var alike = pairs.stream().filter(FileDiff::mustRead).toList();
        var ofA = FileFingerprint.of(a.tree, regular(alike, Pair::a), a.mask);
        var ofB = FileFingerprint.of(b.tree, regular(alike, Pair::b), b.mask);
        var verdicts = new LinkedHashMap<Pair, Verdict>();
        for (var pair : pairs) {
            verdicts.put(
                    pair,
                    mustRead(pair)
                            ? compareBytes(
                                    pair,
                                    Optional.ofNullable(ofA.get(pair.a())),
                                    Optional.ofNullable(ofB.get(pair.b())))
                            : byListing(pair));
        }
        return verdicts;
    }

    /** Returns whether the files must be read to compare them. */
    private static boolean mustRead(Pair pair) {
        return pair.a() instanceof Entry.Regular x && pair.b() instanceof Entry.Regular y && x.size() == y.size();
    }

    private static List<Entry.Regular> regular(List<Pair> pairs, Function<Pair, Entry> side) {
        return pairs.stream()
                .map(side)
                .filter(Entry.Regular.class::isInstance)
                .map(Entry.Regular.class::cast)
                .toList();
    }

    private Verdict byListing(Pair pair) {
        if (pair.a() instanceof Entry.Symlink x && pair.b() instanceof Entry.Symlink y) {
            if (x.target().equals(y.target())) {
                return Verdict.SAME;
            }
            return a.mask.mask(x.target()).equals(b.mask.mask(y.target())) ? Verdict.PATHS_ONLY : Verdict.CHANGED;
        }
        boolean empty = pair.a() instanceof Entry.Directory && pair.b() instanceof Entry.Directory;
        return empty ? Verdict.SAME : Verdict.CHANGED;
    }

    private static Verdict compareBytes(Pair pair, Optional<FileFingerprint> a, Optional<FileFingerprint> b) {
        if (modeChanged(pair)) {
            return Verdict.CHANGED;
        }
        if (a.isEmpty() || b.isEmpty()) {
            return Verdict.UNSURE;
        }
        if (!a.get().masked().equals(b.get().masked())) {
            return Verdict.CHANGED;
        }
        if (!a.get().complete()) {
            return Verdict.UNSURE;
        }
        return a.get().bytes().equals(b.get().bytes()) ? Verdict.SAME : Verdict.PATHS_ONLY;
    }

    private static boolean modeChanged(Pair pair) {
        return pair.a() instanceof Entry.Regular x
                && pair.b() instanceof Entry.Regular y
                && x.executable() != y.executable();
    }

    // ── conversion for the page ──

    private <T> Group group(Collection<T> all, Function<T, Change> change) {
        var files = new ArrayList<Change>();
        for (var item : all) {
            if (files.size() < LISTED && room > 0) {
                files.add(change.apply(item));
                room -= characters(files.getLast());
            }
        }
        return new Group(all.size(), files);
    }

    private static int characters(Change change) {
        int targets = Stream.of(change.a(), change.b())
                .flatMap(Optional::stream)
                .mapToInt(node -> node.target().length())
                .sum();
        return change.path().length() + change.pathInA().length() + targets;
    }

    private Change change(Pair pair, FileComparison look) {
        return new Change(
                SurrogateEscapedText.toDisplayText(pair.pathB()),
                SurrogateEscapedText.toDisplayText(pair.pathA()),
                node(a, Map.entry(pair.pathA(), pair.a())),
                node(b, Map.entry(pair.pathB(), pair.b())),
                look.unshown(),
                look.patch());
    }

    private static Change addedOrRemoved(Map.Entry<String, Entry> file, Optional<Node> a, Optional<Node> b) {
        var path = SurrogateEscapedText.toDisplayText(file.getKey());
        return new Change(path, path, a, b, "", Optional.empty());
    }

    private static Optional<Node> node(Side side, Map.Entry<String, Entry> file) {
        var url = Urls.file(side.files, file.getKey());
        return Optional.of(
                switch (file.getValue()) {
                    case Entry.Regular regular -> new Node(url, "file", regular.size(), regular.executable(), "");
                    case Entry.Symlink link ->
                        new Node(url, "link", 0, false, SurrogateEscapedText.toDisplayText(link.target()));
                    case Entry.Directory directory -> new Node(url, "directory", 0, false, "");
                });
    }
}
