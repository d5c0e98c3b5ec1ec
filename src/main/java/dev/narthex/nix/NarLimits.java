package dev.narthex.nix;

/**
 * How much of a NAR is read before it is refused.
 *
 * @param size of the archive in bytes
 * @param entries files, directories and links together
 * @param depth below the root; at most 255 because listings are walked recursively
 * @param nameBytes of one entry
 * @param targetBytes of a symbolic link
 */
public record NarLimits(long size, long entries, int depth, int nameBytes, int targetBytes) {
    /** Depth, name and target are those of newer Nix (NixOS/nix 2.36 src/libutil/archive.cc). */
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
