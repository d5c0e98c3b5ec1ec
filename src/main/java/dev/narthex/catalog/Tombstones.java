package dev.narthex.catalog;

import dev.narthex.nix.NixHash;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What people took out of a release.
 *
 * @param digests SHA-256 of promised files that were deleted, by name; an entry under the empty name means the release itself
 * @param declined what was proposed and not wanted
 */
record Tombstones(Map<String, byte[]> digests, Set<Declined> declined) {
    /**
     * Bytes that nobody need propose again.
     *
     * @param path hash part of a path that was declined as a whole; empty for a file, wherever it lies
     */
    record Declined(NixHash sha256, Optional<String> path) {}

    /** Whether the release itself was deleted. */
    boolean whole() {
        return digests.containsKey("");
    }

    /** A deleted release comes back only by a person; a file name never with other bytes. */
    boolean allow(String filename, NixHash sha256) {
        var stone = digests.get(filename);
        return !whole() && (stone == null || Arrays.equals(stone, sha256.bytes()));
    }

    /** @param hashPart of the path that holds it */
    boolean declines(NixHash sha256, String hashPart) {
        return declined.contains(new Declined(sha256, Optional.empty()))
                || declined.contains(new Declined(sha256, Optional.of(hashPart)));
    }
}
