package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * What differs between the files of two trees. Links and empty directories count as files.
 *
 * @param changed with other bytes, another target, or executable in one only
 * @param pathsOnly with bytes that are the same but for hash parts of store paths, those that the two themselves refer to
 * @param unsure of the same size, and too large or too many to be read: they may differ
 * @param same how many are the same
 */
public record FileChanges(
        Total a, Total b, Group changed, Group pathsOnly, Group added, Group removed, Group unsure, int same) {
    /**
     * All that is in one of the trees.
     *
     * @param size of all files together, in bytes
     */
    public record Total(int files, long size) {}

    /**
     * @param count of all
     * @param files the first of them
     */
    public record Group(int count, List<Change> files) {
        public int more() {
            return count - files.size();
        }
    }

    /**
     * One file, in the first tree, in the second, or in both.
     *
     * @param path in the second tree, or the first if it is only there; as text for people
     * @param pathInA the same, unless it differs by the version in it
     * @param unshown why a changed file has no lines: "binary", "large", "rest" of many, "dense" if lines are too long to read,
     *     "mode" if only that differs, or "kind" if it is none that has lines; empty if it has some
     */
    public record Change(
            String path, String pathInA, Optional<Node> a, Optional<Node> b, String unshown, Optional<Patch> patch) {
        /** The one of the second tree, if it is there. */
        public Node node() {
            return b.or(() -> a).orElseThrow(() -> new IllegalStateException("a file of neither tree"));
        }

        public boolean renamed() {
            return !path.equals(pathInA);
        }

        public boolean modeChanged() {
            return a.isPresent() && b.isPresent() && a.get().executable != b.get().executable;
        }
    }

    /**
     * @param kind "file", "link" or "directory"
     * @param size in bytes, of a file
     * @param target of a link, as text for people
     */
    public record Node(String url, String kind, long size, boolean executable, String target) {}

    /** Those of the changed ones that are shown line by line. */
    public List<Change> told() {
        return changed.files.stream().filter(file -> file.patch.isPresent()).toList();
    }

    /** The other ones that changed. */
    public List<Change> named() {
        return changed.files.stream().filter(file -> file.patch.isEmpty()).toList();
    }

    public int all() {
        return changed.count + pathsOnly.count + added.count + removed.count + unsure.count + same;
    }

    /** How many are known to differ. */
    public int differing() {
        return changed.count + pathsOnly.count + added.count + removed.count;
    }
}
