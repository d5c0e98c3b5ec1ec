package dev.narthex.spi;

import java.util.List;
import java.util.Map;

/**
 * The versions of packages that a cache has.
 *
 * @param packages by normalized name, newest version first; an empty list means that the cache does not have the package, a
 *     missing name that it was not looked up
 * @param complete false if a limit cut the lookup
 */
public record AvailableVersions(Map<String, List<Version>> packages, boolean complete) {
    public AvailableVersions {
        packages = Map.copyOf(packages);
    }

    /**
     * A released version.
     *
     * @param release its id
     * @param withdrawn whether it is withdrawn in any way
     * @param tags tags that point to it
     * @param needs its declared dependencies, of the requested kinds
     */
    public record Version(long release, String version, boolean withdrawn, List<String> tags, List<Dependency> needs) {
        public Version {
            tags = List.copyOf(tags);
            needs = List.copyOf(needs);
        }
    }
}
