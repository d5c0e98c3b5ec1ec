package dev.narthex.catalog.release;

import dev.narthex.nix.NixHash;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files and builds that people deleted from a release or declined.
 *
 * @param digests SHA-256 of deleted files that were promised, by file name; the empty name means that the release was deleted
 * @param declined builds that were proposed and declined
 */
record Tombstones(Map<String, byte[]> digests, Set<DeclinedFile> declined) {
    /**
     * Bytes that are not proposed again.
     *
     * @param path hash part, if a whole path was declined; empty for a file, whose path does not matter
     */
    record DeclinedFile(NixHash sha256, Optional<String> path) {}

    /** Returns whether the release itself was deleted. */
    boolean isWholeRelease() {
        return digests.containsKey("");
    }

    /**
     * Returns whether recognition may release a file. Only a person can restore a deleted release, and a file name is never
     * released with other bytes.
     */
    boolean allow(String filename, NixHash sha256) {
        var stone = digests.get(filename);
        return !isWholeRelease() && (stone == null || Arrays.equals(stone, sha256.bytes()));
    }

    /**
     * Returns whether these bytes were declined, as a file or as this path.
     *
     * @param hashPart of the path that contains them
     */
    boolean declines(NixHash sha256, String hashPart) {
        return declined.contains(new DeclinedFile(sha256, Optional.empty()))
                || declined.contains(new DeclinedFile(sha256, Optional.of(hashPart)));
    }
}
