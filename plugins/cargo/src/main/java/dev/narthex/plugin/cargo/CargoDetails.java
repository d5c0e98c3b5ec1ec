package dev.narthex.plugin.cargo;

import java.util.List;

/**
 * What only crates have.
 *
 * @param rustVersion the oldest that builds it; empty if not said
 * @param links the native library that it links to; empty for none
 * @param defaultFeatures what "default" turns on
 * @param otherFeatures names of the rest
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
