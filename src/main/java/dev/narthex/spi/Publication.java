package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import java.util.List;

/**
 * A release that is sent through the registry of its ecosystem, as the ecosystem read it in the file itself.
 *
 * @param name as its publisher writes it
 * @param dependencies in the manifest's order
 * @param filename under which clients fetch it
 * @param address the digest that this ecosystem's clients check
 * @param tags names that stand for this version from now on
 * @param attestations what somebody signed about the file, as far as it can be checked here
 * @param distinct whether a name that is not here yet is refused if it differs from one that is only in case and punctuation
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
        boolean distinct) {
    public Publication {
        dependencies = List.copyOf(dependencies);
        tags = List.copyOf(tags);
        attestations = List.copyOf(attestations);
    }
}
