package dev.narthex.ecosystem.nix;

import java.util.List;

/**
 * What only nix says of a release.
 *
 * @param mainProgram run by {@code nix run}; empty if not recorded
 * @param changelog http(s) address, or empty
 * @param outputs of the derivation that are in the cache
 */
public record NixDetails(String mainProgram, String changelog, List<String> outputs) {
    public NixDetails {
        outputs = List.copyOf(outputs);
    }
}
