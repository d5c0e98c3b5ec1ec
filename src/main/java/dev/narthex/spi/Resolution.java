package dev.narthex.spi;

import java.util.List;
import java.util.Set;

/**
 * What comes along with a release.
 *
 * @param needed ids of releases without which it is not installed, each once
 * @param optional ids of further releases that clients take where they fit the system
 * @param missing what is needed and not in the cache, in any version that fits; each once
 * @param beside names of what whoever installs it is to bring himself
 * @param complete false if more was declared than was looked at
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
