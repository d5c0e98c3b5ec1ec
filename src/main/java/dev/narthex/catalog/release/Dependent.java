package dev.narthex.catalog.release;

import dev.narthex.db.Row;

/**
 * A package that depends on another one.
 *
 * @param version its default version
 * @param range the declared version range; empty for any version
 * @param kind of dependency, in the ecosystem's terms
 */
public record Dependent(String name, String normalized, String version, String range, String kind) {
    static Dependent of(Row row) {
        return new Dependent(
                row.string("name"),
                row.string("normalized"),
                row.string("version"),
                row.string("range"),
                row.string("kind"));
    }
}
