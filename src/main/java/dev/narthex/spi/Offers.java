package dev.narthex.spi;

import java.util.List;
import java.util.Map;

/**
 * Versions that a cache has of packages.
 *
 * @param packages by normalised name, each newest first; an empty list is a package that the cache does not have, a name that
 *     is missing was not looked for
 * @param complete false if there was more than is looked at
 */
public record Offers(Map<String, List<Version>> packages, boolean complete) {
    public Offers {
        packages = Map.copyOf(packages);
    }

    /**
     * A released version.
     *
     * @param release its id
     * @param withdrawn whether anything was taken back about it
     * @param tags that stand for it
     * @param needs what it declares, of the kinds that were asked for
     */
    public record Version(long release, String version, boolean withdrawn, List<String> tags, List<Dependency> needs) {
        public Version {
            tags = List.copyOf(tags);
            needs = List.copyOf(needs);
        }
    }
}
