package dev.narthex.archive;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.UntrustedText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Resolves symlinks within one store path as the kernel would. Use a separate instance for each tree, since the number of steps
 * is limited per instance.
 */
final class SymlinkResolver {
    private static final int MAX_LINKS = 40;

    /** Links can have many steps and lead through many others; no legitimate tree comes close to this limit. */
    private static final int MAX_STEPS = 1_000_000;

    private final StorePath storePath;
    private final NarListing listing;
    private int steps;

    SymlinkResolver(StorePath path, NarListing listing) {
        this.storePath = path;
        this.listing = listing;
    }

    /**
     * Resolves a link.
     *
     * @param link its path in the store path
     * @return path in the store path without links; empty if the target does not exist
     * @throws NotOffered if it leads out of the store path
     */
    Optional<String> resolve(String link, String target) throws NotOfferedException {
        var at = new ArrayList<>(names(link));
        at.removeLast();
        var ahead = new ArrayDeque<String>();
        append(link, target, at, ahead);
        int links = 0;
        while (!ahead.isEmpty()) {
            var name = ahead.pop();
            if (++steps > MAX_STEPS) {
                throw new NotOfferedException("its links lead through too many others");
            }
            if (name.equals("..")) {
                goUp(link, at);
                continue;
            }
            at.add(name);
            var entry = listing.find(String.join("/", at));
            if (entry.isEmpty()) {
                return Optional.empty();
            }
            if (entry.get() instanceof Entry.Symlink next) {
                if (++links > MAX_LINKS) {
                    return Optional.empty();
                }
                at.removeLast();
                append(link, next.target(), at, ahead);
            }
        }
        return Optional.of(String.join("/", at));
    }

    private void append(String link, String target, List<String> at, Deque<String> ahead) throws NotOfferedException {
        var inside = target;
        if (target.startsWith("/")) {
            if (!target.startsWith(storePath + "/")) {
                throw outsidePath(link);
            }
            inside = target.substring(storePath.toString().length());
            at.clear();
        }
        names(inside).reversed().forEach(ahead::push);
    }

    private static void goUp(String link, List<String> at) throws NotOfferedException {
        if (at.isEmpty()) {
            throw outsidePath(link);
        }
        at.removeLast();
    }

    private static List<String> names(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    private static NotOfferedException outsidePath(String link) {
        return new NotOfferedException(UntrustedText.line(link) + " is a link that leads out of the package");
    }
}
