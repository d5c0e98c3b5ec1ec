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
            throw in.problem(table.line(), table.name(), "", "expected an array of tables.");
        }
        return of(in, table).withName();
    }

    /** Adds its member {@code name} to the name for error messages. */
    private TomlTableReader withName() {
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
            throw problem(member, "", "expected a text.");
        }
        return value.asText();
    }

    /** Returns a required text. */
    String requireText(String member) {
        var text = text(member);
        if (text.isEmpty()) {
            throw problem(member, "", "expected a text.");
        }
        return text;
    }

    /** Returns a nested table; empty if it is missing. */
    TomlTableReader table(String member) {
        var value = members.path(member);
        return child(member, value);
    }

    /** Returns the tables of an array; empty if it is missing. */
    List<TomlTableReader> tables(String member) {
        var value = members.path(member);
        if (!value.isMissingNode() && !value.isArray()) {
            throw problem(member, "", "expected an array.");
        }
        return value.valueStream().map(node -> child(member, node)).toList();
    }

    private TomlTableReader child(String member, JsonNode value) {
        if (!value.isMissingNode() && !value.isObject()) {
            throw problem(member, "", "expected a table.");
        }
        return new TomlTableReader(in, line, where.isEmpty() ? member : where + "." + member, value);
    }

    /** Adds a file with this hash. */
    void add(FileReference file, LockedDistributions to) {
        to.add(file, (given, hint) -> problem("hash", given, hint));
    }

    ProblemException problem(String member, String given, String hint) {
        return in.problem(line, where.isEmpty() ? member : where + "." + member, given, hint);
    }
}
