package dev.narthex.nix;

/**
 * Limits for reading a NAR. Larger NARs are rejected.
 *
 * @param maxBytes maximum size of the archive in bytes
 * @param maxEntries maximum number of files, directories and links
 * @param maxDepth maximum depth below the root; at most 255 because listings are traversed recursively
 * @param maxNameBytes maximum length of an entry's name
 * @param maxTargetBytes maximum length of a symbolic link's target
 */
public record NarLimits(long maxBytes, long maxEntries, int maxDepth, int maxNameBytes, int maxTargetBytes) {
    /** Depth, name and target have the limits of newer Nix (NixOS/nix 2.36 src/libutil/archive.cc). */
    public static final NarLimits DEFAULT = new NarLimits(64L << 30, 5_000_000, 63, 255, 4095);

    private static final int MAX_DEPTH = 255;
    private static final int MAX_TEXT_BYTES = 64 * 1024;

    public NarLimits {
        if (maxBytes < 0
                || maxEntries < 0
                || !isWithin(maxDepth, MAX_DEPTH)
                || !isWithin(maxNameBytes, MAX_TEXT_BYTES)
                || !isWithin(maxTargetBytes, MAX_TEXT_BYTES)) {
            throw new IllegalArgumentException("limits out of range");
        }
    }

    private static boolean isWithin(int value, int max) {
        return value >= 0 && value <= max;
    }
}
