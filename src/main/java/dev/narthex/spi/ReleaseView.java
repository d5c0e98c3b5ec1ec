package dev.narthex.spi;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A release as plugins and pages see it.
 *
 * @param cache name of the cache
 * @param baseUrl public base address of this instance, without a trailing slash
 * @param keys public keys of the cache, as nix wants them among its trusted keys
 * @param name of the package, as its publisher writes it
 * @param released false while it is only proposed: visible, not served
 * @param withdrawals what was taken back about it and why: "deprecated", "yanked" to a reason, which may be empty
 * @param artifacts released ones first, newest first within
 */
public record ReleaseView(
        long id,
        String cache,
        String baseUrl,
        List<String> keys,
        String ecosystem,
        String name,
        String normalised,
        String version,
        boolean prerelease,
        boolean released,
        Facts facts,
        Instant publishedAt,
        Map<String, String> withdrawals,
        List<Artifact> artifacts,
        List<Dependency> dependencies) {
    public ReleaseView {
        keys = List.copyOf(keys);
        withdrawals = Map.copyOf(withdrawals);
        artifacts = List.copyOf(artifacts);
        dependencies = List.copyOf(dependencies);
    }
}
