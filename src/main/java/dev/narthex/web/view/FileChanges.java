package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * The differences between the files of two trees. Symlinks and empty directories count as files.
 *
 * @param changed files with other bytes, another target or another executable bit
 * @param pathsOnly files that differ only in hash parts of store paths, if these are the side's own path or its references
 * @param unsure files of equal size that were not read because they are too large or too many; they may differ
 * @param same number of equal files
 */
public record FileChanges(
        Total a, Total b, Group changed, Group pathsOnly, Group added, Group removed, Group unsure, int same) {
    /**
     * Totals of one tree.
     *
     * @param size sum of all file sizes, in bytes
     */
    public record Total(int files, long size) {}

    /**
     * @param count number of all files in the group
     * @param files truncated list
     */
    public record Group(int count, List<Change> files) {
        public int more() {
            return count - files.size();
        }
    }

    /**
     * A file in the first tree, in the second, or in both.
     *
     * @param path path in the second tree, or in the first if it is only there; as display text
     * @param pathInA path in the first tree; differs from {@code path} if it contains the version
     * @param unshown why a changed file has no diff: "binary", "large", "rest" (too many files), "dense" (lines too long to read),
     *     "mode" (only the executable bit differs) or "kind" (not a regular file); empty if it has one
     */
    public record Change(
            String path, String pathInA, Optional<Node> a, Optional<Node> b, String unshown, Optional<Patch> patch) {
        /** Returns the node of the second tree, or that of the first tree if the file is only there. */
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
     * @param size size of a file, in bytes
     * @param target target of a link, as display text
     */
    public record Node(String url, String kind, long size, boolean executable, String target) {}

    /** Returns the changed files that have a line diff. */
    public List<Change> withLineDiff() {
        return changed.files.stream().filter(file -> file.patch.isPresent()).toList();
    }

    /** Returns the changed files that are only listed. */
    public List<Change> named() {
        return changed.files.stream().filter(file -> file.patch.isEmpty()).toList();
    }

    public int all() {
        return changed.count + pathsOnly.count + added.count + removed.count + unsure.count + same;
    }

    /** Returns the number of files that are known to differ. */
    public int differing() {
        return changed.count + pathsOnly.count + added.count + removed.count;
    }
}
