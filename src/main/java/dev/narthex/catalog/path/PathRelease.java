package dev.narthex.catalog.path;

import dev.narthex.db.Row;

/**
 * A release to which a store path belongs.
 *
 * @param released false if it is only proposed
 */
public record PathRelease(String ecosystem, String name, String normalised, String version, boolean released) {
    public static PathRelease of(Row row) {
        return new PathRelease(
                row.text("ecosystem"),
                row.text("name"),
                row.text("normalised"),
                row.text("version"),
                row.truth("released"));
    }
}
