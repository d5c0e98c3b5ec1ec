package dev.narthex.catalog.release;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.util.Optional;
import java.util.function.Function;

/** Hashes of the bytes of one artifact. */
public record ArtifactDigests(NixHash sha256, Optional<NixHash> sha512, Optional<NixHash> sha1) {
    /** Creates the digests of a file with all three hashes. */
    public static ArtifactDigests of(Function<HashAlgorithm, NixHash> hash) {
        return new ArtifactDigests(
                hash.apply(HashAlgorithm.SHA256),
                Optional.of(hash.apply(HashAlgorithm.SHA512)),
                Optional.of(hash.apply(HashAlgorithm.SHA1)));
    }
}
