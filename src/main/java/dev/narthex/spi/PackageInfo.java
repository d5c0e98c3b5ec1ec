package dev.narthex.spi;

import java.util.List;
import java.util.Map;

/**
 * A package with all its releases, newest version first.
 *
 * @param tags dist-tags and the like: name to version
 * @param state data that the ecosystem stores about the whole package: key to JSON
 */
public record PackageInfo(
        long id,
        String cache,
        String ecosystem,
        String name,
        String normalized,
        List<ReleaseInfo> releases,
        Map<String, String> tags,
        Map<String, String> state) {
    public PackageInfo {
        releases = List.copyOf(releases);
        tags = Map.copyOf(tags);
        state = Map.copyOf(state);
    }
}
