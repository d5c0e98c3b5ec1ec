package dev.narthex.ecosystem.nix;

import java.util.List;

/**
 * Facts about a release that only nix has.
 *
 * @param mainProgram command that {@code nix run} runs; empty if unknown
 * @param changelog http(s) URL, or empty
 * @param outputs outputs of the derivation that are in the cache
 */
public record NixDetails(String mainProgram, String changelog, List<String> outputs) {
    public NixDetails {
        outputs = List.copyOf(outputs);
    }
}
