package dev.narthex.catalog.path;

import dev.narthex.db.Row;
import dev.narthex.nix.StorePath;

/**
 * A store path in a list.
 *
 * @param narSize in bytes
 */
public record PathSummary(StorePath path, long narSize) {
    static PathSummary of(Row row) {
        return new PathSummary(new StorePath(row.string("hash_part"), row.string("name")), row.longValue("nar_size"));
    }
}
