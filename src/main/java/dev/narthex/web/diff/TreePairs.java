package dev.narthex.web.diff;

import dev.narthex.nix.NarListing.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Matches the files of two trees: those with the same path, and those whose paths differ only in the version, as in
 * {@code six-1.16.0.dist-info/METADATA}.
 *
 * @param both in the order of the second tree
 */
record TreePairs(List<Pair> pairs, Map<String, Entry> onlyA, Map<String, Entry> onlyB) {
    record Pair(String pathA, Entry a, String pathB, Entry b) {}

    /**
     * One of the trees.
     *
     * @param version version of its contents, or an empty text
     */
    record Tree(Map<String, Entry> leaves, String version) {}

    static TreePairs of(Tree a, Tree b) {
        var onlyA = new LinkedHashMap<>(a.leaves);
        var pairs = new HashMap<String, Pair>();
        b.leaves.forEach((path, entry) -> {
            var same = onlyA.remove(path);
            if (same != null) {
                pairs.put(path, new Pair(path, same, path, entry));
            }
        });
        var byName = a.version.isEmpty() || b.version.isEmpty() || a.version.equals(b.version)
                ? Map.<String, String>of()
                : withoutVersion(onlyA, a.version);
        var version = token(b.version);
        var both = new ArrayList<Pair>();
        var onlyB = new LinkedHashMap<String, Entry>();
        b.leaves.forEach((path, entry) -> {
            var pair = pairs.get(path);
            var other = pair == null && !byName.isEmpty() ? byName.get(without(path, version)) : null;
            if (pair != null) {
                both.add(pair);
            } else if (other != null && onlyA.containsKey(other)) {
                both.add(new Pair(other, onlyA.remove(other), path, entry));
            } else {
                onlyB.put(path, entry);
            }
        });
        return new TreePairs(both, onlyA, onlyB);
    }

    private static Map<String, String> withoutVersion(Map<String, Entry> files, String version) {
        var byName = new HashMap<String, String>();
        var token = token(version);
        files.keySet().forEach(path -> {
            var name = without(path, token);
            if (!name.equals(path)) {
                byName.putIfAbsent(name, path);
            }
        });
        return byName;
    }

    /** Returns a pattern for the version as a separate token: version 1 does not match in {@code man1} or in 1.2. */
    private static Pattern token(String version) {
        return Pattern.compile("(?<![0-9A-Za-z]|[0-9]\\.)" + Pattern.quote(version) + "(?![0-9A-Za-z]|\\.[0-9])");
    }

    /** Replaces the version by two slashes, which occur in no path. */
    private static String without(String path, Pattern version) {
        return version.matcher(path).replaceAll("//");
    }
}
