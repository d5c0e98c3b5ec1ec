package dev.narthex.web.files;

import dev.narthex.nix.StorePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Resolves the targets of symlinks lexically. It does not follow symlinks on the way. */
final class LinkTarget {
    private LinkTarget() {}

    /**
     * Resolves a symlink's target within its store path.
     *
     * @param path the store path that contains the symlink; absolute targets below it are inside
     * @param link path of the symlink from the root
     * @param target target as stored in the symlink
     * @return path from the root; empty if the target is outside the store path
     */
    static Optional<String> of(StorePath path, String link, String target) {
        var root = path + "/";
        if (target.startsWith("/")) {
            return target.startsWith(root)
                    ? join("", target.substring(root.length()))
                    : Optional.of("").filter(_ -> target.equals(path.toString()));
        }
        return join(link.substring(0, Math.max(0, link.lastIndexOf('/'))), target);
    }

    private static Optional<String> join(String folder, String relative) {
        var segments = new ArrayList<String>(folder.isEmpty() ? List.of() : List.of(folder.split("/")));
        for (var segment : relative.split("/")) {
            if (segment.equals("..")) {
                if (segments.isEmpty()) {
                    return Optional.empty();
                }
                segments.removeLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.add(segment);
            }
        }
        return Optional.of(String.join("/", segments));
    }
}
