package dev.narthex.catalog;

import dev.narthex.nix.NixHash;
import java.util.Arrays;
import java.util.Map;

/**
 * What was deleted of a release.
 *
 * @param digests SHA-256 of promised files by name; an entry under the empty name means the release itself
 */
record Tombstones(Map<String, byte[]> digests) {
    /** A deleted release comes back only by a person; a file name never with other bytes. */
    boolean allow(String filename, NixHash sha256) {
        var stone = digests.get(filename);
        return !digests.containsKey("") && (stone == null || Arrays.equals(stone, sha256.bytes()));
    }
}
