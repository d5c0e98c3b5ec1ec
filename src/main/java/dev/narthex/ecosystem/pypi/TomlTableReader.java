package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.ecosystem.pypi.LockedDistributions.FileReference;
import dev.narthex.ecosystem.pypi.TomlTables.Table;
import dev.narthex.problem.ProblemException;
import java.util.List;
import java.util.Map;

/**
 * Typed access to the members of a table in a lockfile, with errors that name the position.
 *
 * @param where name of the table for error messages; may be empty
 */
record TomlTableReader(TomlTables in, int line, String where, JsonNode members) {
    /** Returns the members of a table. */
    static TomlTableReader of(TomlTables in, Table table) {
        return new TomlTableReader(in, table.line(), table.name(), table.members());
    }

    /** Returns the members of an element of an array of tables, which has its own name. */
    static TomlTableReader ofArray(TomlTables in, Table table) {
        if (!table.array()) {
            throw in.flaw(table.line(), table.name(), "", "expected an array of tables.");
        }
        return of(in, table).named();
    }

    /** Adds its member {@code name} to the name for error messages. */
    private TomlTableReader named() {
        var name = text("name");
        return new TomlTableReader(in, line, name.isEmpty() ? where : where + "." + name, members);
    }

    boolean has(String member) {
        return members.has(member);
    }

    List<String> names() {
        return members.propertyStream().map(Map.Entry::getKey).toList();
    }

    /** Returns a text or number; empty if it is missing. */
    String text(String member) {
        var value = members.path(member);
        if (value.isContainerNode()) {
            throw flaw(member, "", "expected a text.");
        }
        return value.asText();
    }

    /** Returns a required text. */
    String needed(String member) {
        var text = text(member);
        if (text.isEmpty()) {
            throw flaw(member, "", "expected a text.");
        }
        return text;
    }

    /** Returns a nested table; empty if it is missing. */
    TomlTableReader table(String member) {
        var value = members.path(member);
        return below(member, value);
    }

    /** Returns the tables of an array; empty if it is missing. */
    List<TomlTableReader> tables(String member) {
        var value = members.path(member);
        if (!value.isMissingNode() && !value.isArray()) {
            throw flaw(member, "", "expected an array.");
        }
        return value.valueStream().map(node -> below(member, node)).toList();
    }

    private TomlTableReader below(String member, JsonNode value) {
        if (!value.isMissingNode() && !value.isObject()) {
            throw flaw(member, "", "expected a table.");
        }
        return new TomlTableReader(in, line, where.isEmpty() ? member : where + "." + member, value);
    }

    /** Adds a file with this hash. */
    void add(FileReference file, LockedDistributions to) {
        to.add(file, (given, hint) -> flaw("hash", given, hint));
    }

    ProblemException flaw(String member, String given, String hint) {
        return in.flaw(line, where.isEmpty() ? member : where + "." + member, given, hint);
    }
}
