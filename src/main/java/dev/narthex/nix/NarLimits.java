package dev.narthex.nix;

/**
 * Limits for reading a NAR. Larger NARs are rejected.
 *
 * @param size maximum size of the archive in bytes
 * @param entries maximum number of files, directories and links
 * @param depth maximum depth below the root; at most 255 because listings are traversed recursively
 * @param nameBytes maximum length of an entry's name
 * @param targetBytes maximum length of a symbolic link's target
 */
public record NarLimits(long size, long entries, int depth, int nameBytes, int targetBytes) {
    /** Depth, name and target have the limits of newer Nix (NixOS/nix 2.36 src/libutil/archive.cc). */
    public static final NarLimits DEFAULT = new NarLimits(64L << 30, 5_000_000, 63, 255, 4095);

    private static final int DEEPEST = 255;
    private static final int LONGEST = 64 * 1024;

    public NarLimits {
        if (size < 0
                || entries < 0
                || !fits(depth, DEEPEST)
                || !fits(nameBytes, LONGEST)
                || !fits(targetBytes, LONGEST)) {
            throw new IllegalArgumentException("limits out of range");
        }
    }

    private static boolean fits(int value, int most) {
        return value >= 0 && value <= most;
    }
}
