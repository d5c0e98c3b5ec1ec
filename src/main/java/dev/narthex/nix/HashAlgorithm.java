package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** The hash algorithms that Nix knows. MD5 and SHA-1 occur in old fixed-output derivations only. */
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

    /** Nix's word, such as {@code sha256}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A fresh digest; not to be shared between threads. */
    public MessageDigest digest() {
        try {
            return MessageDigest.getInstance(jdkName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param id Nix's word, lower case */
    public static HashAlgorithm byId(String id) {
        for (var algorithm : values()) {
            if (algorithm.id().equals(id)) {
                return algorithm;
            }
        }
        throw new Problem.Malformed("hash algorithm", id, "expected md5, sha1, sha256 or sha512.").asException();
    }
}
