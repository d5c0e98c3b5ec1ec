package dev.narthex.catalog.release;

import dev.narthex.db.Row;

/**
 * A package that depends on another one.
 *
 * @param version its default version
 * @param range the declared version range; empty for any version
 * @param kind of dependency, in the ecosystem's terms
 */
public record Dependent(String name, String normalised, String version, String range, String kind) {
    static Dependent of(Row row) {
        return new Dependent(
                row.text("name"), row.text("normalised"), row.text("version"), row.text("range"), row.text("kind"));
    }
}
