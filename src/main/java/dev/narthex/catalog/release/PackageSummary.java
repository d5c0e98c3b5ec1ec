package dev.narthex.catalog.release;

import dev.narthex.db.Row;
import java.time.Instant;
import java.util.List;

/**
 * A package in a list, with data of its default release.
 *
 * @param cache name of the cache
 * @param summary untrusted text; empty if not recorded
 * @param licence empty if not recorded
 * @param publishedAt of the default release
 * @param dependents number of packages in the cache whose default release depends on it
 * @param downloads in the last 30 days
 * @param alsoIn ids of other ecosystems in which the same project is available
 */
public record PackageSummary(
        String cache,
        String ecosystem,
        String name,
        String normalized,
        String version,
        String summary,
        String licence,
        Instant publishedAt,
        long dependents,
        long downloads,
        List<String> alsoIn) {
    public PackageSummary {
        alsoIn = List.copyOf(alsoIn);
    }

    static PackageSummary of(Row row, long dependents) {
        return new PackageSummary(
                row.string("cache"),
                row.string("ecosystem"),
                row.string("name"),
                row.string("normalized"),
                row.string("version"),
                row.string("summary"),
                row.string("licence"),
                row.instant("published_at"),
                dependents,
                row.longValue("downloads"),
                row.strings("also_in"));
    }
}
