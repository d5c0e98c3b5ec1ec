package dev.narthex.catalog;

import dev.narthex.sql.Row;

/**
 * A release to which a store path belongs.
 *
 * @param released false if it is only proposed
 */
public record KnownAs(String ecosystem, String name, String normalised, String version, boolean released) {
    static KnownAs of(Row row) {
        return new KnownAs(
                row.text("ecosystem"),
                row.text("name"),
                row.text("normalised"),
                row.text("version"),
                row.truth("released"));
    }
}
