package dev.narthex.spi;

import java.util.List;
import java.util.Set;

/**
 * The dependencies that a client would install with a release.
 *
 * @param needed ids of required releases
 * @param optional ids of further releases that clients install if they fit the system
 * @param missing required dependencies of which the cache has no matching version; without duplicates
 * @param beside names of packages that the user must provide
 * @param complete false if a limit stopped the resolution
 */
public record Resolution(
        Set<Long> needed, Set<Long> optional, List<Dependency> missing, List<String> beside, boolean complete) {
    public Resolution {
        needed = Set.copyOf(needed);
        optional = Set.copyOf(optional);
        missing = List.copyOf(missing);
        beside = List.copyOf(beside);
    }
}
