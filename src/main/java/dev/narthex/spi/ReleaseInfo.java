package dev.narthex.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A release as plugins and pages see it.
 *
 * @param cache name of the cache
 * @param baseUrl public base URL of this instance, without a trailing slash
 * @param keys public keys of the cache, in the format of nix's trusted-public-keys
 * @param name of the package, as its publisher writes it
 * @param released false while it is only proposed: visible, but not served
 * @param withdrawals kind, such as "deprecated" or "yanked", to reason; a reason may be empty
 * @param artifacts released ones first, then newest first
 */
public record ReleaseInfo(
        long id,
        String cache,
        String baseUrl,
        List<String> keys,
        String ecosystem,
        String name,
        String normalized,
        String version,
        boolean prerelease,
        boolean released,
        Facts facts,
        Instant publishedAt,
        Map<String, String> withdrawals,
        List<Artifact> artifacts,
        List<Dependency> dependencies) {
    public ReleaseInfo {
        keys = List.copyOf(keys);
        withdrawals = Map.copyOf(withdrawals);
        artifacts = List.copyOf(artifacts);
        dependencies = List.copyOf(dependencies);
    }
}
