package dev.narthex.catalog.path;

import dev.narthex.db.Row;
import dev.narthex.nix.StorePath;
import java.time.Instant;
import java.util.Optional;

/**
 * A store path in a cache, with data of its first push.
 *
 * @param pushedBy name of the principal
 */
public record StoredPath(long id, StorePath path, Instant pushedAt, Optional<String> pushedBy) {
    static StoredPath of(StorePath path, Row row) {
        return new StoredPath(row.longValue("id"), path, row.instant("pushed_at"), row.optionalString("pushed_by"));
    }
}
