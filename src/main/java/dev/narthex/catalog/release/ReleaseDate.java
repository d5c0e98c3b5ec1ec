package dev.narthex.catalog.release;

import dev.narthex.db.Row;
import java.time.Instant;
import java.util.Optional;

/**
 * A release with its publication date.
 *
 * @param at when its first released artifact was pushed
 * @param by name of the principal, if recorded
 * @param summary untrusted text; empty if not recorded
 */
public record ReleaseDate(
        String ecosystem,
        String name,
        String normalized,
        String version,
        Instant at,
        Optional<String> by,
        String summary) {
    static ReleaseDate of(Row row) {
        return new ReleaseDate(
                row.string("ecosystem"),
                row.string("name"),
                row.string("normalized"),
                row.string("version"),
                row.instant("published_at"),
                row.optionalString("published_by"),
                row.string("summary"));
    }
}
