package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.narthex.ecosystem.LockFlaw;
import dev.narthex.problem.ProblemException;
import java.io.IOException;

/** A lock in JSON or YAML, read as it comes: members of interest are taken, all others skipped, and nothing is kept. */
final class LockTree {
    private final JsonParser in;
    private final String format;

    /** @param format as people call such locks */
    LockTree(JsonParser in, String format) {
        this.in = in;
        this.format = format;
    }

    /** Takes the value of a member, or leaves it. */
    interface Member {
        void of(String name) throws IOException;
    }

    /** To the next document; false if there is none. */
    boolean next() throws IOException {
        return in.nextToken() != null;
    }

    /** Reads the object that begins here to its end. */
    void members(String what, Member member) throws IOException {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            throw flaw(what, "", "expected members.");
        }
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            var name = in.currentName();
            in.nextToken();
            member.of(name);
            // passes over what was not taken; after a text or the end of an object it does nothing
            in.skipChildren();
        }
        if (in.currentToken() != JsonToken.END_OBJECT) {
            throw flaw(what, "", "it does not end.");
        }
    }

    boolean truth() {
        return in.currentToken() == JsonToken.VALUE_TRUE;
    }

    /** A text or number; empty for null and false, by which npm says that there is none. */
    String text(String what) throws IOException {
        if (in instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            throw flaw(what, "*" + in.getText(), "references within a lock are not followed.");
        }
        return switch (in.currentToken()) {
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE -> in.getText();
            case VALUE_NULL, VALUE_FALSE -> "";
            case null, default -> throw flaw(what, "", "expected a text.");
        };
    }

    /** Of what was read last, counted from one. */
    int line() {
        return in.currentTokenLocation().getLineNr();
    }

    ProblemException flaw(String what, String given, String hint) {
        return flaw(line(), what, given, hint);
    }

    ProblemException flaw(int line, String what, String given, String hint) {
        return LockFlaw.of(format, line, what, given, hint);
    }
}
