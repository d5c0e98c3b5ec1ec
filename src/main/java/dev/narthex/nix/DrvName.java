package dev.narthex.nix;

/**
 * A derivation name cut into package and version: the version begins after the first dash that no letter follows
 * ({@code builtins.parseDrvName}, NixOS/nix src/libstore/names.cc).
 *
 * @param version empty if the name has none
 */
public record DrvName(String name, String version) {
    public static DrvName parse(String text) {
        for (int i = 0; i + 1 < text.length(); i++) {
            if (text.charAt(i) == '-' && !isLetter(text.charAt(i + 1))) {
                return new DrvName(text.substring(0, i), text.substring(i + 1));
            }
        }
        return new DrvName(text, "");
    }

    /** Negative, 0 or positive, as {@code builtins.compareVersions}; versions such as 1.0 and 1-0 are equal. */
    public static int compareVersions(String a, String b) {
        return VersionKey.compare(a, b);
    }

    /** Bytes whose order, unsigned, is that of {@link #compareVersions}: equal exactly for equal versions. */
    public static byte[] versionKey(String version) {
        return VersionKey.of(version);
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
