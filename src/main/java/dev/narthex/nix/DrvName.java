package dev.narthex.nix;

/**
 * A derivation name split into package and version. The version starts after the first dash that is not followed by a letter
 * ({@code builtins.parseDrvName}, NixOS/nix src/libstore/names.cc).
 *
 * @param version empty if the name has no version
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

    /** Compares like {@code builtins.compareVersions}: negative, 0 or positive. Versions such as 1.0 and 1-0 are equal. */
    public static int compareVersions(String a, String b) {
        return NixVersionKey.compare(a, b);
    }

    /** Returns bytes whose unsigned order is that of {@link #compareVersions}; equal versions have equal keys. */
    public static byte[] versionKey(String version) {
        return NixVersionKey.of(version);
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
