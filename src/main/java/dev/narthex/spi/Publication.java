package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import java.util.List;

/**
 * One file of a release that is sent through the registry of its ecosystem, as the ecosystem read it in the file itself.
 *
 * @param name as its publisher writes it
 * @param dependencies in the manifest's order
 * @param filename under which clients fetch it
 * @param address the digest that this ecosystem's clients check
 * @param tags names that stand for this version from now on
 * @param attestations what somebody signed about the file, as far as it can be checked here
 * @param distinct from which other names one that is not here yet must be told apart
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
        Distinct distinct) {
    public Publication {
        dependencies = List.copyOf(dependencies);
        tags = List.copyOf(tags);
        attestations = List.copyOf(attestations);
    }

    /** Names that readers would take for each other. */
    public enum Distinct {
        /** None. */
        FROM_NONE,
        /** Those that differ only in case and punctuation. */
        IN_PUNCTUATION,
        /** Those too that differ only in characters which look alike: i, l and 1, o and 0. */
        IN_LOOKS
    }
}
