package dev.narthex.spi;

import java.util.List;

/**
 * A release that a recognizer found in a path.
 *
 * @param name as its publisher writes it
 * @param dependencies in the order of the manifest
 * @param artifacts at least one
 */
public record FoundRelease(
        String name, String version, Facts facts, List<Dependency> dependencies, List<FoundArtifact> artifacts) {
    public FoundRelease {
        dependencies = List.copyOf(dependencies);
        artifacts = List.copyOf(artifacts);
    }
}
