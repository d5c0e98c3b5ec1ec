package dev.narthex.catalog;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.util.Optional;
import java.util.function.Function;

/** Hashes of the bytes of one artifact. */
public record Digests(NixHash sha256, Optional<NixHash> sha512, Optional<NixHash> sha1) {
    /** Creates the digests of a file with all three hashes. */
    public static Digests of(Function<HashAlgorithm, NixHash> hash) {
        return new Digests(
                hash.apply(HashAlgorithm.SHA256),
                Optional.of(hash.apply(HashAlgorithm.SHA512)),
                Optional.of(hash.apply(HashAlgorithm.SHA1)));
    }
}
