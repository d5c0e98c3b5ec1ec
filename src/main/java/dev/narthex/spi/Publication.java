package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import java.util.List;

/**
 * The description of one file that is uploaded through a registry, as the ecosystem read it from the file.
 *
 * @param name as its publisher writes it
 * @param dependencies in the order of the manifest
 * @param filename name under which clients fetch it
 * @param address the digest that clients of this ecosystem check
 * @param tags tags that point to this version from now on
 * @param attestations the file's attestations, checked as far as possible here
 * @param distinct how different a new package name must be from existing names
 */
public record Publication(
        String name,
        String version,
        Facts facts,
        List<Dependency> dependencies,
        String filename,
        HashAlgorithm address,
        List<String> tags,
        List<Attestation> attestations,
        NameSimilarity distinct) {
    public Publication {
        dependencies = List.copyOf(dependencies);
        tags = List.copyOf(tags);
        attestations = List.copyOf(attestations);
    }

    /** Which names count as too similar. */
    public enum NameSimilarity {
        /** No name is too similar. */
        FROM_NONE,
        /** Names that differ only in case and punctuation. */
        IN_PUNCTUATION,
        /** Also names that differ only in characters that look alike: i, l and 1, o and 0. */
        IN_LOOKS
    }
}
