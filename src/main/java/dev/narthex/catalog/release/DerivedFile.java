package dev.narthex.catalog.release;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.util.Optional;

/**
 * A file that was made from a tree.
 *
 * @param hashPart of the store path of the file
 * @param source hash part of the path that contains the tree; the first one if several do
 * @param build of the source path
 * @param length in bytes
 * @param sha256 in hexadecimal, like the other digests
 */
public record DerivedFile(
        String hashPart, String source, String build, long length, String sha256, String sha512, String sha1) {
    public static DerivedFile of(String hashPart, String source, String build, long length, ArtifactDigests digests) {
        return new DerivedFile(
                hashPart,
                source,
                build,
                length,
                digests.sha256().hex(),
                digests.sha512().map(NixHash::hex).orElse(""),
                digests.sha1().map(NixHash::hex).orElse(""));
    }

    public ArtifactDigests digests() {
        return new ArtifactDigests(
                NixHash.parse(sha256, HashAlgorithm.SHA256),
                hash(sha512, HashAlgorithm.SHA512),
                hash(sha1, HashAlgorithm.SHA1));
    }

    private static Optional<NixHash> hash(String hex, HashAlgorithm algorithm) {
        return hex.isEmpty() ? Optional.empty() : Optional.of(NixHash.parse(hex, algorithm));
    }
}
