package dev.narthex.catalog;

import dev.narthex.nix.StorePath;
import dev.narthex.sql.Row;

/**
 * A store path in a list.
 *
 * @param narSize in bytes
 */
public record PathLine(StorePath path, long narSize) {
    static PathLine of(Row row) {
        return new PathLine(new StorePath(row.text("hash_part"), row.text("name")), row.number("nar_size"));
    }
}
