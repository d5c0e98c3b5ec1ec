package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.narthex.ecosystem.LockfileError;
import dev.narthex.ecosystem.LockfileLineReader;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.LockfileVisitor;
import dev.narthex.spi.UntrustedJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code yarn.lock} of yarn 1: a format similar to YAML, with one entry for all ranges that resolve to the same version
 * (yarnpkg/yarn src/lockfile/stringify.js). Each range is a key; ambiguous names are quoted as in JSON.
 */
final class YarnLock {
    static final String FORMAT = "yarn.lock";

    private static final JsonFactory JSON = UntrustedJson.factory();
    private static final int MAX_LINE_LENGTH = 64 << 10;
    private static final String WORD = "(\"(?:[^\"\\\\]|\\\\.)*+\"|[^\\s\",:][^\\s\",]*?)";
    private static final Pattern NEXT_RANGE = Pattern.compile(WORD + "(, |:\\s*+$)");
    private static final Pattern MEMBER = Pattern.compile("  " + WORD + "(?: (.*+))?");

    private final LockfileLineReader in;
    private final LockfileVisitor visitor;
    private List<String> ranges = List.of();
    private String version = "";
    private String resolved = "";
    private String integrity = "";

    YarnLock(BufferedReader in, LockfileVisitor visitor) {
        this.in = new LockfileLineReader(in, FORMAT, MAX_LINE_LENGTH);
        this.visitor = visitor;
    }

    void read() throws IOException {
        for (var next = in.next(); next.isPresent(); next = in.next()) {
            if (!next.get().isBlank() && !next.get().startsWith("#")) {
                line(next.get());
            }
        }
        report();
        visitor.format(FORMAT + " v1");
    }

    private void line(String text) throws IOException {
        if (!text.startsWith(" ")) {
            report();
            ranges = ranges(text);
        } else if (!text.startsWith("   ")) {
            member(text);
        } else if (ranges.isEmpty()) {
            throw problem("", text, "expected a name with a range first.");
        }
    }

    private List<String> ranges(String text) throws IOException {
        var all = new ArrayList<String>();
        var next = NEXT_RANGE.matcher(text);
        int at = 0;
        while (next.region(at, text.length()).lookingAt()) {
            all.add(unquote(next.group(1)));
            at = next.end();
            if (at == text.length()) {
                return all;
            }
        }
        throw problem("", text, "expected names with ranges, and a colon.");
    }

    private void member(String text) throws IOException {
        var m = MEMBER.matcher(text);
        if (ranges.isEmpty() || !m.matches()) {
            throw problem("", text, "expected a member of an entry.");
        }
        var value = Optional.ofNullable(m.group(2)).orElse("").strip();
        switch (m.group(1)) {
            case "version" -> version = unquote(value);
            case "resolved" -> resolved = unquote(value);
            case "integrity" -> integrity = unquote(value);
            default -> {}
        }
    }

    private String unquote(String word) throws IOException {
        if (!word.startsWith("\"")) {
            return word;
        }
        try (var json = JSON.createParser(word)) {
            var text = json.nextTextValue();
            if (text != null && json.nextToken() == null) {
                return text;
            }
        } catch (JsonProcessingException e) {
            // thrown below
        }
        throw problem("", word, "the quotes do not fit.");
    }

    private void report() {
        for (var range : ranges) {
            new LockEntry(range, name(range), version, integrity, resolved.isEmpty() ? local(range) : resolved)
                    .report(visitor, (member, given, hint) -> problem(range + "." + member, given, hint));
        }
        version = "";
        resolved = "";
        integrity = "";
    }

    /** Returns the package name in {@code name@range} or {@code alias@npm:name@range}. */
    private static String name(String range) {
        var behind = rangeOf(range);
        if (behind.startsWith("npm:")) {
            return name(behind.substring("npm:".length()));
        }
        return behind.isEmpty() ? range : range.substring(0, range.length() - behind.length() - 1);
    }

    private static String rangeOf(String range) {
        int at = range.indexOf('@', 1);
        return at < 0 ? "" : range.substring(at + 1);
    }

    /** Returns the location of a local directory, which only the range contains. */
    private static String local(String range) {
        var behind = rangeOf(range);
        return behind.startsWith("file:") || behind.startsWith("link:") ? behind : "";
    }

    private ProblemException problem(String what, String given, String hint) {
        return LockfileError.of(FORMAT, in.number(), what, given, hint);
    }
}
