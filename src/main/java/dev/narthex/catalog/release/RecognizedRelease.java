package dev.narthex.catalog.release;

import dev.narthex.catalog.path.StoredPath;
import dev.narthex.db.Database;
import dev.narthex.problem.Problem;
import dev.narthex.spi.FoundRelease;
import java.util.List;

/**
 * A release found by a recognizer in a path, ready to be recorded.
 *
 * @param normalized package name, normalized by the ecosystem's rule
 * @param mayRelease whether the principal who pushed the path may release this package; else it is proposed
 * @param build hash part of the deriver, or of the path without a deriver
 * @param digests one for each artifact, in the same order
 * @param recognizerVersion increases when recognizers extract more
 * @param by name of the principal who pushed
 */
public record RecognizedRelease(
        FoundRelease found,
        String normalized,
        VersionSortKey order,
        boolean mayRelease,
        StoredPath path,
        String build,
        List<ArtifactDigests> digests,
        int recognizerVersion,
        String recognizer) {
    /**
     * Maximum number of characters. Names are indexed, index entries have at most 2,704 bytes, and a character has at most four.
     */
    private static final int MAX_NAME = 500;

    private static final int MAX_KEY = 2000;

    public RecognizedRelease {
        digests = List.copyOf(digests);
        if (found.artifacts().isEmpty() || digests.size() != found.artifacts().size()) {
            throw new IllegalArgumentException("at least one artifact, and one set of digests for each");
        }
        requireName("package name", found.name());
        requireName("package name", normalized);
        requireName("version", found.version());
        found.artifacts().forEach(artifact -> requireName("file name", artifact.filename()));
        if (order.key().length > MAX_KEY) {
            throw Problem.malformed("version", found.version(), "it is too long to be sorted.");
        }
    }

    private static void requireName(String what, String name) {
        if (!isIndexable(name) || name.isEmpty()) {
            throw Problem.malformed(what, name, "expected 1 to " + MAX_NAME + " characters without U+0000, in UTF-8.");
        }
    }

    /** Returns whether the text fits into an index, and PostgreSQL can store it unchanged. */
    static boolean isIndexable(String name) {
        return name.length() <= MAX_NAME && name.equals(Database.toPostgresText(name));
    }
}
