package dev.narthex.catalog;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Found;
import dev.narthex.sql.Sql;
import java.util.List;

/**
 * What a recogniser found in a path, ready to be recorded.
 *
 * @param normalised name of the package by its ecosystem's rule
 * @param mayRelease whether whoever pushed the path may release this package here; else it is proposed
 * @param build hash part of the deriver, else of the path
 * @param digests one for each artifact, in their order
 * @param recogniserVersion grows when recognisers learn more
 * @param by the principal who pushed
 */
public record Recorded(
        Found found,
        String normalised,
        VersionOrder order,
        boolean mayRelease,
        Entered path,
        String build,
        List<Digests> digests,
        int recogniserVersion,
        String by) {
    /** Names stand in indexes, whose entries have 2,704 bytes at most; a character may take four. */
    private static final int NAME_LIMIT = 500;

    private static final int KEY_LIMIT = 2000;

    public Recorded {
        digests = List.copyOf(digests);
        if (found.artifacts().isEmpty() || digests.size() != found.artifacts().size()) {
            throw new IllegalArgumentException("at least one artifact, and one set of digests for each");
        }
        requireName("package name", found.name());
        requireName("package name", normalised);
        requireName("version", found.version());
        found.artifacts().forEach(artifact -> requireName("file name", artifact.filename()));
        if (order.key().length > KEY_LIMIT) {
            throw new Problem.Malformed("version", found.version(), "it is too long to be sorted.").asException();
        }
    }

    private static void requireName(String what, String name) {
        if (!fits(name) || name.isEmpty()) {
            throw new Problem.Malformed(
                            what, name, "expected 1 to " + NAME_LIMIT + " characters without U+0000, in UTF-8.")
                    .asException();
        }
    }

    /** Whether the text can stand in an index, and comes back as it is. */
    static boolean fits(String name) {
        return name.length() <= NAME_LIMIT && name.equals(Sql.storable(name));
    }
}
