package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.narthex.ecosystem.LockFlaw;
import dev.narthex.ecosystem.LockLines;
import dev.narthex.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A lock in TOML 1.0, table by table. Parsers of TOML hold all of a document, since any line may add to any table; locks are
 * written in order, so each table of theirs is parsed as a document of its own, and only one is in memory. A table of an array
 * comes with the tables below it; any other may come in several parts.
 */
final class TomlTables {
    /** Characters of a line, and of a table with all that belongs to it: several times what real packages have. */
    private static final int LONGEST = 256 << 10;

    private static final int LARGEST = 512 << 10;
    private static final int PART = 64 << 10;
    private static final int MOST = 200_000;

    private static final ObjectMapper TOML = new TomlMapper(TomlFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(30).build())
            .build());
    private static final Pattern HEADER =
            Pattern.compile("\\s*+\\[(\\[?)\\s*+([A-Za-z0-9_-]++|\"[^\"\\\\]++\"|'[^']++')\\s*+([.\\]]).*+");

    private final LockLines in;
    private String format;
    private Header header = new Header("", "", false);
    private int tables;
    private boolean ended;

    TomlTables(BufferedReader in, String format) {
        this.in = new LockLines(in, format, LONGEST);
        this.format = format;
    }

    /** @param name first part of what is between the brackets; empty before the first header */
    private record Header(String text, String name, boolean array) {
        static Header of(String text) {
            var m = HEADER.matcher(text);
            if (!m.matches()) {
                // a name that needs escapes is none that a reader asks for
                return new Header(text, text, false);
            }
            var name = m.group(2).replaceAll("^[\"']|[\"']$", "");
            return new Header(text, name, !m.group(1).isEmpty() && m.group(3).equals("]"));
        }

        boolean above(Header next) {
            return array && name.equals(next.name) && !next.array;
        }
    }

    /**
     * A table, or a part of one.
     *
     * @param name first part of its name; empty for what stands before all tables
     * @param line where it begins
     * @param array whether it is one of an array
     * @param members with the tables below it by their names
     */
    record Table(String name, int line, boolean array, JsonNode members) {}

    /** What people call the lock, as soon as it is known. */
    void format(String known) {
        format = known;
    }

    ProblemException flaw(int line, String what, String given, String hint) {
        return LockFlaw.of(format, line, what, given, hint);
    }

    /**
     * The first is what stands before all tables, even if that is nothing.
     *
     * @throws ProblemException Unprocessable
     */
    Optional<Table> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        if (++tables > MOST) {
            throw flaw(in.number(), "", "", "it has more than " + MOST + " tables.");
        }
        var of = header;
        // the line read last is the header, or it is repeated in the place of that line
        int before = in.number() - 1;
        return Optional.of(parsed(of, before, text(of)));
    }

    /** Up to the next header, or so many lines that it is enough. */
    private String text(Header of) throws IOException {
        var text = new StringBuilder(of.text).append('\n');
        var nesting = new TomlNesting();
        for (var line = in.next(); line.isPresent(); line = in.next()) {
            if (nesting.closed() && line.get().stripLeading().startsWith("[")) {
                var next = Header.of(line.get());
                if (!of.above(next)) {
                    header = next;
                    return text.toString();
                }
            }
            nesting.read(line.get());
            text.append(line.get()).append('\n');
            if (text.length() > LARGEST) {
                throw flaw(in.number(), of.name, "", "a table may have " + LARGEST + " characters.");
            }
            if (!of.array && nesting.closed() && text.length() > PART) {
                return text.toString();
            }
        }
        ended = true;
        return text.toString();
    }

    private Table parsed(Header of, int before, String text) {
        try {
            var root = TOML.readTree(text);
            var members = of.name.isEmpty() ? root : root.path(of.name);
            return new Table(of.name, Math.max(before + 1, 1), of.array, of.array ? members.path(0) : members);
        } catch (JsonProcessingException e) {
            throw LockFlaw.of(format, before, e);
        }
    }
}
