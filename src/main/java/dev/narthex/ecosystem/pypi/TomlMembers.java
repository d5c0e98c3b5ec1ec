package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.ecosystem.pypi.LockedDistributions.Told;
import dev.narthex.ecosystem.pypi.TomlTables.Table;
import dev.narthex.problem.ProblemException;
import java.util.List;
import java.util.Map;

/**
 * Members of a table in a lock.
 *
 * @param where what the table is called where something is wrong with it; may be empty
 */
record TomlMembers(TomlTables in, int line, String where, JsonNode members) {
    /** Those of a table of this name. */
    static TomlMembers of(TomlTables in, Table table) {
        return new TomlMembers(in, table.line(), table.name(), table.members());
    }

    /** Those of a table of an array, which has a name of its own. */
    static TomlMembers ofArray(TomlTables in, Table table) {
        if (!table.array()) {
            throw in.flaw(table.line(), table.name(), "", "expected an array of tables.");
        }
        return of(in, table).named();
    }

    /** The same, known by its member {@code name}. */
    private TomlMembers named() {
        var name = text("name");
        return new TomlMembers(in, line, name.isEmpty() ? where : where + "." + name, members);
    }

    boolean has(String member) {
        return members.has(member);
    }

    List<String> names() {
        return members.propertyStream().map(Map.Entry::getKey).toList();
    }

    /** A text or number; empty if there is none. */
    String text(String member) {
        var value = members.path(member);
        if (value.isContainerNode()) {
            throw flaw(member, "", "expected a text.");
        }
        return value.asText();
    }

    /** A text that must be there. */
    String needed(String member) {
        var text = text(member);
        if (text.isEmpty()) {
            throw flaw(member, "", "expected a text.");
        }
        return text;
    }

    /** A table below; empty if there is none. */
    TomlMembers table(String member) {
        var value = members.path(member);
        return below(member, value);
    }

    /** Tables of an array; none if there is no such array. */
    List<TomlMembers> tables(String member) {
        var value = members.path(member);
        if (!value.isMissingNode() && !value.isArray()) {
            throw flaw(member, "", "expected an array.");
        }
        return value.valueStream().map(one -> below(member, one)).toList();
    }

    private TomlMembers below(String member, JsonNode value) {
        if (!value.isMissingNode() && !value.isObject()) {
            throw flaw(member, "", "expected a table.");
        }
        return new TomlMembers(in, line, where.isEmpty() ? member : where + "." + member, value);
    }

    /** Adds a file with this hash. */
    void add(Told told, LockedDistributions to) {
        to.add(told, (given, hint) -> flaw("hash", given, hint));
    }

    ProblemException flaw(String member, String given, String hint) {
        return in.flaw(line, where.isEmpty() ? member : where + "." + member, given, hint);
    }
}
