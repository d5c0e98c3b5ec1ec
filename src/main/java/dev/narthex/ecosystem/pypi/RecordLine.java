package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of a RECORD (packaging.python.org, "Recording installed projects"): CSV, parsed like Python's csv module.
 *
 * @param hash algorithm and value, such as {@code sha256=…}; may be empty
 * @param size in bytes, as written; may be empty
 */
record RecordLine(String path, String hash, String size) {
    private static final int FIELDS = 3;

    /** Parses at most one line more than an archive may have files. */
    static List<RecordLine> parse(String text) {
        var lines = new ArrayList<RecordLine>();
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length() && lines.size() <= ArchiveLimits.ENTRIES; i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c != '"') {
                    field.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    field.append(text.charAt(++i));
                } else {
                    quoted = false;
                }
            } else if (c == '"' && field.isEmpty()) {
                quoted = true;
            } else if (c == ',') {
                add(fields, field);
            } else if (c == '\n' || c == '\r') {
                end(fields, field, lines);
            } else {
                field.append(c);
            }
        }
        end(fields, field, lines);
        return lines;
    }

    private static String take(StringBuilder field) {
        var text = field.toString();
        field.setLength(0);
        return text;
    }

    private static void add(List<String> fields, StringBuilder field) {
        var text = take(field);
        if (fields.size() < FIELDS) {
            fields.add(text);
        }
    }

    private static void end(List<String> fields, StringBuilder field, List<RecordLine> lines) {
        add(fields, field);
        if (!fields.getFirst().isEmpty()) {
            lines.add(new RecordLine(
                    fields.getFirst(), fields.size() > 1 ? fields.get(1) : "", fields.size() > 2 ? fields.get(2) : ""));
        }
        fields.clear();
    }
}
