package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.narthex.ecosystem.LockfileError;
import dev.narthex.problem.ProblemException;
import java.io.IOException;

/** Streams a lockfile in JSON or YAML: callers read the members that they need, and all others are skipped. */
final class LockfileTreeReader {
    private final JsonParser in;
    private final String format;

    /** @param format display name of the lockfile format */
    LockfileTreeReader(JsonParser in, String format) {
        this.in = in;
        this.format = format;
    }

    /** Reads the value of a member, or ignores it. */
    interface MemberReader {
        void of(String name) throws IOException;
    }

    /** Advances to the next document; returns false if there is none. */
    boolean next() throws IOException {
        return in.nextToken() != null;
    }

    /** Reads the object that begins at the current token to its end. */
    void members(String what, MemberReader member) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw problem(what, "", "expected members.");
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            var name = in.currentName();
            in.nextToken();
            member.of(name);
            // skips a value that was not read; has no effect after a scalar or the end of an object
            in.skipChildren();
        }
        if (in.currentToken() != JsonToken.END_OBJECT) {
            throw problem(what, "", "it does not end.");
        }
    }

    boolean bool() {
        return in.currentToken() == JsonToken.VALUE_TRUE;
    }

    /** Returns a text, a number or true as text; empty for null and false, by which npm marks an absent value. */
    String text(String what) throws IOException {
        if (in instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw problem(what, "*" + in.getText(), "references within a lock are not followed.");
        }
        return switch (in.currentToken()) {
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE -> in.getText();
            case VALUE_NULL, VALUE_FALSE -> "";
            case null, default -> throw problem(what, "", "expected a text.");
        };
    }

    /** Line of the current token, counted from 1. */
    int line() {
        return in.currentTokenLocation().getLineNr();
    }

    ProblemException problem(String what, String given, String hint) {
        return problem(line(), what, given, hint);
    }

    ProblemException problem(int line, String what, String given, String hint) {
        return LockfileError.of(format, line, what, given, hint);
    }
}
