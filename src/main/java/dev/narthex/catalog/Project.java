package dev.narthex.catalog;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What else is the same project as a release, see {@link Linked}.
 *
 * @param others releases, by ecosystem and name
 * @param flaws what is known to be wrong with any of them
 */
public record Project(List<KnownAs> others, List<String> flaws) {
    private static final int MOST = 100;

    /** What is known to be wrong with the release itself, whichever part of its project says so. */
    public List<String> flawsWith(Collection<String> own) {
        return Stream.concat(own.stream(), flaws.stream())
                .distinct()
                .sorted()
                .limit(MOST)
                .toList();
    }
}
