package dev.narthex.catalog;

import dev.narthex.nix.StorePath;
import dev.narthex.sql.Row;
import java.time.Instant;
import java.util.Optional;

/**
 * A store path in a cache, with data of its first push.
 *
 * @param pushedBy name of the principal
 */
public record Entered(long id, StorePath path, Instant pushedAt, Optional<String> pushedBy) {
    static Entered of(StorePath path, Row row) {
        return new Entered(row.number("id"), path, row.time("pushed_at"), row.maybeText("pushed_by"));
    }
}
