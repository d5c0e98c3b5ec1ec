package dev.narthex.catalog;

import dev.narthex.sql.Row;
import java.time.Instant;
import java.util.List;

/**
 * A package in a list, with the release that its page shows first.
 *
 * @param cache its name
 * @param summary of that release; untrusted text, empty if not recorded
 * @param licence empty if not recorded
 * @param publishedAt of that release
 * @param dependents packages of the cache whose default release declares it
 * @param downloads in thirty days
 * @param alsoIn ids of other ecosystems that have the same project
 */
public record PackageLine(
        String cache,
        String ecosystem,
        String name,
        String normalised,
        String version,
        String summary,
        String licence,
        Instant publishedAt,
        long dependents,
        long downloads,
        List<String> alsoIn) {
    public PackageLine {
        alsoIn = List.copyOf(alsoIn);
    }

    static PackageLine of(Row row, long dependents) {
        return new PackageLine(
                row.text("cache"),
                row.text("ecosystem"),
                row.text("name"),
                row.text("normalised"),
                row.text("version"),
                row.text("summary"),
                row.text("licence"),
                row.time("published_at"),
                dependents,
                row.number("downloads"),
                row.texts("also_in"));
    }
}
