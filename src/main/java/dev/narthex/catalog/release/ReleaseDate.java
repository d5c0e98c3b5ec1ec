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
        String normalised,
        String version,
        Instant at,
        Optional<String> by,
        String summary) {
    static ReleaseDate of(Row row) {
        return new ReleaseDate(
                row.text("ecosystem"),
                row.text("name"),
                row.text("normalised"),
                row.text("version"),
                row.time("published_at"),
                row.maybeText("published_by"),
                row.text("summary"));
    }
}
