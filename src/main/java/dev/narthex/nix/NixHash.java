package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A hash and its algorithm. Nix writes it as {@code sha256:<nix32>}, {@code sha256:<hex>} or {@code sha256-<base64>} (SRI). All
 * three are accepted and distinguished by length.
 *
 * @param bytes length as defined by the algorithm; copied in and out
 */
public record NixHash(HashAlgorithm algorithm, byte[] bytes) {
    public NixHash {
        if (bytes.length != algorithm.size()) {
            throw Problem.malformed(
                    "hash", HexFormat.of().formatHex(bytes), "expected " + algorithm.size() + " bytes.");
        }
        bytes = bytes.clone();
    }

    public static NixHash of(HashAlgorithm algorithm, byte[] bytes) {
        return new NixHash(algorithm, bytes);
    }

    /** Computes the SHA-256 of this content. */
    public static NixHash sha256(byte[] content) {
        return new NixHash(
                HashAlgorithm.SHA256, HashAlgorithm.SHA256.newDigest().digest(content));
    }

    /** Parses a hash that names its algorithm, in any of the three forms. */
    public static NixHash parse(String text) {
        int end = separatorIndex(text);
        if (end < 0) {
            throw malformed(text, "expected an algorithm, then : or -, then the hash.");
        }
        return parseDigits(text, HashAlgorithm.getById(text.substring(0, end)), end + 1);
    }

    /** Parses a hash that must have this algorithm, with or without the algorithm's name. */
    public static NixHash parse(String text, HashAlgorithm expected) {
        if (separatorIndex(text) < 0) {
            return parseDigits(text, expected, 0);
        }
        var hash = parse(text);
        if (hash.algorithm != expected) {
            throw malformed(text, "expected " + expected.id() + ".");
        }
        return hash;
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The hash in base 32, without the algorithm. */
    public String nix32() {
        return Nix32.encode(bytes);
    }

    /** The hash in hex, without the algorithm. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** The hash with its algorithm as in {@code integrity} of npm: {@code sha512-<base64>}. */
    public String sri() {
        return algorithm.id() + "-" + CanonicalBase64.encode(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NixHash hash && algorithm == hash.algorithm && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The hash as in a narinfo: {@code sha256:<nix32>}. */
    @Override
    public String toString() {
        return algorithm.id() + ":" + nix32();
    }

    private static int separatorIndex(String text) {
        int colon = text.indexOf(':');
        return colon >= 0 ? colon : text.indexOf('-');
    }

    private static NixHash parseDigits(String text, HashAlgorithm algorithm, int from) {
        var digits = text.substring(from);
        int size = algorithm.size();
        boolean sri = from > 0 && text.charAt(from - 1) == '-';
        if (!sri && digits.length() == size * 2) {
            return hex(text, algorithm, digits);
        }
        if (!sri && digits.length() == Nix32.length(size)) {
            return new NixHash(algorithm, Nix32.decode(digits, size));
        }
        return CanonicalBase64.decode(digits, size)
                .map(bytes -> new NixHash(algorithm, bytes))
                .orElseThrow(() -> malformed(text, "expected " + size + " bytes as hex, Nix base-32 or base64."));
    }

    private static NixHash hex(String text, HashAlgorithm algorithm, String digits) {
        try {
            return new NixHash(algorithm, HexFormat.of().parseHex(digits));
        } catch (IllegalArgumentException e) {
            throw malformed(text, "not hexadecimal.");
        }
    }

    private static ProblemException malformed(String given, String hint) {
        return Problem.malformed("hash", given, hint);
    }
}
