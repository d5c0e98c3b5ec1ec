package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** The hash algorithms of Nix. MD5 and SHA-1 occur only in old fixed-output derivations. */
public enum HashAlgorithm {
    MD5("MD5", 16),
    SHA1("SHA-1", 20),
    SHA256("SHA-256", 32),
    SHA512("SHA-512", 64);

    private final String jdkName;
    private final int size;

    HashAlgorithm(String jdkName, int size) {
        this.jdkName = jdkName;
        this.size = size;
    }

    /** Length of a hash in bytes. */
    public int size() {
        return size;
    }

    /** Nix's name, such as {@code sha256}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Creates a new digest, which is not thread-safe. */
    public MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance(jdkName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Finds an algorithm by Nix's name.
     *
     * @param id lowercase name, such as {@code sha256}
     */
    public static HashAlgorithm getById(String id) {
        for (var algorithm : values()) {
            if (algorithm.id().equals(id)) {
                return algorithm;
            }
        }
        throw Problem.malformed("hash algorithm", id, "expected md5, sha1, sha256 or sha512.");
    }
}
