package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.regex.Pattern;

/**
 * A path in the Nix store, such as {@code /nix/store/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi-lantern-3.2.1}. Ordered by base name,
 * like the references in Nix's formats.
 *
 * @param hash 32 characters of Nix base-32, which is 160 bits; the alphabet has no e, o, t and u
 * @param name 1 to 211 ASCII characters (NixOS/nix src/libstore/path.cc); may contain {@code ?} and {@code =}, so it must be
 *     percent-encoded in URLs
 */
public record StorePath(String hash, String name) implements Comparable<StorePath> {
    /** The only supported store directory; clients refuse a cache with another one. */
    public static final String STORE_DIR = "/nix/store";

    private static final String PREFIX = STORE_DIR + "/";
    private static final int HASH_LENGTH = 32;
    private static final Pattern HASH = Pattern.compile("[0-9a-df-np-sv-z]{32}");
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}(-|$))[0-9A-Za-z+._?=-]{1,211}");

    public StorePath {
        if (!isHash(hash) || !isName(name)) {
            throw malformed(PREFIX + hash + "-" + name);
        }
    }

    /** @param path the full path, starting with {@link #STORE_DIR} */
    public static StorePath parse(String path) {
        if (!path.startsWith(PREFIX)) {
            throw malformed(path);
        }
        return parseBaseName(path.substring(PREFIX.length()));
    }

    /** @param baseName the part after the store directory, {@code <hash>-<name>}, as in the references of a narinfo */
    public static StorePath parseBaseName(String baseName) {
        if (baseName.length() <= HASH_LENGTH || baseName.charAt(HASH_LENGTH) != '-') {
            throw malformed(baseName);
        }
        return new StorePath(baseName.substring(0, HASH_LENGTH), baseName.substring(HASH_LENGTH + 1));
    }

    /** Whether this is 32 characters of Nix base-32. */
    public static boolean isHash(String hash) {
        return HASH.matcher(hash).matches();
    }

    /** Whether this is a valid name, the part after the hash. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    public String baseName() {
        return hash + "-" + name;
    }

    /** Whether the name ends in {@code .drv}. This does not prove that the path is a derivation: check its content too. */
    public boolean isDerivation() {
        return name.endsWith(".drv");
    }

    @Override
    public int compareTo(StorePath other) {
        return baseName().compareTo(other.baseName());
    }

    @Override
    public String toString() {
        return PREFIX + baseName();
    }

    private static ProblemException malformed(String given) {
        return Problem.malformed(
                "store path", given, "expected /nix/store/, 32 characters of Nix base-32, a dash and a name.");
    }
}
