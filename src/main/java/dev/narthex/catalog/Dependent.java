package dev.narthex.catalog;

import dev.narthex.sql.Row;

/**
 * A package that declares another.
 *
 * @param version its default version
 * @param range what it asks for, as written; empty for any version
 * @param kind the ecosystem's word
 */
public record Dependent(String name, String normalised, String version, String range, String kind) {
    static Dependent of(Row row) {
        return new Dependent(
                row.text("name"), row.text("normalised"), row.text("version"), row.text("range"), row.text("kind"));
    }
}
