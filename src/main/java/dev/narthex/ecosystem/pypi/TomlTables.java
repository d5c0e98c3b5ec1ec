package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.narthex.ecosystem.LockfileError;
import dev.narthex.ecosystem.LockfileLineReader;
import dev.narthex.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a lockfile in TOML 1.0 table by table. TOML parsers keep the whole document in memory, since any line may add to any
 * table. Lockfiles are written in order, so each table is parsed as a separate document and only one is in memory. An element of
 * an array of tables includes its subtables; any other table may be returned in several parts.
 */
final class TomlTables {
    /** Maximum number of characters of a line, and of a table with its subtables: several times the size of real packages. */
    private static final int MAX_LENGTH = 256 << 10;

    private static final int MAX_BYTES = 512 << 10;
    private static final int PART = 64 << 10;
    private static final int MAX_VALUES = 200_000;

    private static final ObjectMapper TOML = new TomlMapper(TomlFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(30).build())
            .build());
    private static final Pattern HEADER =
            Pattern.compile("\\s*+\\[(\\[?)\\s*+([A-Za-z0-9_-]++|\"[^\"\\\\]++\"|'[^']++')\\s*+([.\\]]).*+");

    private final LockfileLineReader in;
    private String format;
    private Header header = new Header("", "", false);
    private int tables;
    private boolean atEnd;

    TomlTables(BufferedReader in, String format) {
        this.in = new LockfileLineReader(in, format, MAX_LENGTH);
        this.format = format;
    }

    /** @param name first part of the name in brackets; empty before the first header */
    private record Header(String text, String name, boolean array) {
        static Header of(String text) {
            var m = HEADER.matcher(text);
            if (!m.matches()) {
                // a name with escapes is never one that callers look for
                return new Header(text, text, false);
            }
            var name = m.group(2).replaceAll("^[\"']|[\"']$", "");
            return new Header(text, name, !m.group(1).isEmpty() && m.group(3).equals("]"));
        }

        boolean isParentOf(Header next) {
            return array && name.equals(next.name) && !next.array;
        }
    }

    /**
     * A table, or a part of one.
     *
     * @param name first part of its name; empty for the members before the first table
     * @param line line at which it begins
     * @param array whether it is an element of an array of tables
     * @param members with subtables by their names
     */
    record Table(String name, int line, boolean array, JsonNode members) {}

    /** Sets the display name of the lockfile format, once it is known. */
    void format(String known) {
        format = known;
    }

    ProblemException problem(int line, String what, String given, String hint) {
        return LockfileError.of(format, line, what, given, hint);
    }

    /**
     * Returns the next table. The first one contains the members before the first header, even if there are none.
     *
     * @throws ProblemException Unprocessable
     */
    Optional<Table> next() throws IOException {
        if (atEnd) {
            return Optional.empty();
        }
        if (++tables > MAX_VALUES) {
            throw problem(in.number(), "", "", "it has more than " + MAX_VALUES + " tables.");
        }
        var tableHeader = header;
        // the last line read is the table's header; for a further part of a table, its header is parsed again in place
        // of that
        // line
        int before = in.number() - 1;
        return Optional.of(parse(tableHeader, before, text(tableHeader)));
    }

    /** Returns the text up to the next header, or until the part is long enough. */
    private String text(Header tableHeader) throws IOException {
        var text = new StringBuilder(tableHeader.text).append('\n');
        var nesting = new TomlLineScanner();
        for (var line = in.next(); line.isPresent(); line = in.next()) {
            if (nesting.isClosed() && line.get().stripLeading().startsWith("[")) {
                var next = Header.of(line.get());
                if (!tableHeader.isParentOf(next)) {
                    header = next;
                    return text.toString();
                }
            }
            nesting.read(line.get());
            text.append(line.get()).append('\n');
            if (text.length() > MAX_BYTES) {
                throw problem(in.number(), tableHeader.name, "", "a table may have " + MAX_BYTES + " characters.");
            }
            if (!tableHeader.array && nesting.isClosed() && text.length() > PART) {
                return text.toString();
            }
        }
        atEnd = true;
        return text.toString();
    }

    private Table parse(Header header, int before, String text) {
        try {
            var root = TOML.readTree(text);
            var members = header.name.isEmpty() ? root : root.path(header.name);
            return new Table(
                    header.name, Math.max(before + 1, 1), header.array, header.array ? members.path(0) : members);
        } catch (JsonProcessingException e) {
            throw LockfileError.of(format, before, e);
        }
    }
}
