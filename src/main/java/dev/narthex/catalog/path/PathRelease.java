package dev.narthex.catalog.path;

import dev.narthex.db.Row;

/**
 * A release to which a store path belongs.
 *
 * @param released false if it is only proposed
 */
public record PathRelease(String ecosystem, String name, String normalized, String version, boolean released) {
    public static PathRelease of(Row row) {
        return new PathRelease(
                row.string("ecosystem"),
                row.string("name"),
                row.string("normalized"),
                row.string("version"),
                row.bool("released"));
    }
}
