package dev.narthex.web.diff;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;

/**
 * Replaces the hash parts of store paths in file contents by zeros, so that two builds can be compared regardless of the paths of
 * their dependencies. Only the hash parts of a path and its references are masked, found as nix does (NixOS/nix
 * src/libstore/path-references.cc); other text that looks like a hash part is content.
 */
final class HashMask {
    static final int LENGTH = 32;
    private static final String LETTERS = "0123456789abcdfghijklmnpqrsvwxyz";
    private static final boolean[] IS_LETTER = new boolean[256];

    static {
        LETTERS.chars().forEach(letter -> IS_LETTER[letter] = true);
    }

    private final Set<String> hashes;

    /** Indexed by the first two characters of a hash part, to skip most candidates early. */
    private final boolean[] begins = new boolean[1 << 16];

    HashMask(Collection<String> hashes) {
        this.hashes = Set.copyOf(hashes);
        this.hashes.forEach(hash -> begins[hash.charAt(0) << 8 | hash.charAt(1)] = true);
    }

    /** Masks hash parts in bytes [0, length) in place. Returns whether any were found. */
    boolean mask(byte[] bytes, int length) {
        boolean found = false;
        int run = 0;
        for (int i = 0; i < length; i++) {
            run = IS_LETTER[bytes[i] & 0xff] ? run + 1 : 0;
            int start = i - LENGTH + 1;
            if (run >= LENGTH && begins[bytes[start] << 8 | bytes[start + 1]] && hashes.contains(text(bytes, start))) {
                Arrays.fill(bytes, start, start + LENGTH, (byte) 0);
                found = true;
                run = 0;
            }
        }
        return found;
    }

    String mask(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        mask(bytes, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes, int start) {
        return new String(bytes, start, LENGTH, StandardCharsets.ISO_8859_1);
    }
}
