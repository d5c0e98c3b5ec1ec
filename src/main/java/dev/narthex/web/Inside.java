package dev.narthex.web;

import dev.narthex.nix.StorePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where links lead, as far as their texts tell: nothing is followed. */
final class Inside {
    private Inside() {}

    /**
     * @param own the store path in which the link lies, by which name it may call what is in there
     * @param link its path from the root
     * @param target as it stands there
     * @return path from the root; empty if it leads out
     */
    static Optional<String> of(StorePath own, String link, String target) {
        var root = own + "/";
        if (target.startsWith("/")) {
            return target.startsWith(root)
                    ? join("", target.substring(root.length()))
                    : Optional.of("").filter(_ -> target.equals(own.toString()));
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
