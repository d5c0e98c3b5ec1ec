package dev.narthex.plugin.cargo;

import java.util.List;

/**
 * Facts about a release that only crates have.
 *
 * @param rustVersion oldest Rust version that builds it; empty if unknown
 * @param links native library that it links to; may be empty
 * @param defaultFeatures features that "default" enables
 * @param otherFeatures names of the other features
 */
public record CargoDetails(
        String rustVersion,
        String edition,
        String links,
        List<String> defaultFeatures,
        List<String> otherFeatures,
        boolean yanked) {
    public CargoDetails {
        defaultFeatures = List.copyOf(defaultFeatures);
        otherFeatures = List.copyOf(otherFeatures);
    }
}
