package dev.narthex.db;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement with the named parameters replaced by question marks, for JDBC.
 *
 * @param text SQL with question marks
 * @param parameters names in the order of the question marks
 */
record ParsedSql(String text, List<String> parameters) {
    /**
     * Matches parameters, and everything that must be skipped: string literals, quoted identifiers, comments, and casts such as
     * {@code ::text}.
     */
    private static final Pattern PARTS =
            Pattern.compile("'[^']*+'|\"[^\"]*+\"|--[^\n]*+|::[A-Za-z_]++|:(?<name>[A-Za-z_][A-Za-z0-9_]*+)");

    ParsedSql {
        parameters = List.copyOf(parameters);
    }

    /** @param sql with parameters such as {@code :cache} */
    static ParsedSql parse(String sql) {
        var names = new ArrayList<String>();
        var text = PARTS.matcher(sql).replaceAll(part -> {
            if (part.group("name") == null) {
                return Matcher.quoteReplacement(part.group());
            }
            names.add(part.group("name"));
            return "?";
        });
        return new ParsedSql(text, names);
    }
}
