package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.io.Writer;

/**
 * A minimal pull parser for the JSON (RFC 8259) in Nix's formats. The caller requests the expected type. Numbers must be
 * non-negative integers. Skipping counts brackets, so deeply nested hostile input does not overflow the stack.
 */
final class JsonPullParser {
    private final String text;
    private final String subject;
    private int position;

    /** @param subject name of the input in error messages */
    JsonPullParser(String text, String subject) {
        this.text = text;
        this.subject = subject;
    }

    /** Writes a string with the escapes of nlohmann/json, which Nix uses; lone surrogates are escaped too. */
    static void write(String s, Writer out) throws IOException {
        out.write('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                out.write('\\');
                out.write(c);
            } else if (c < ' ' && "\b\t\n\f\r".indexOf(c) >= 0) {
                out.write('\\');
                out.write("btn?fr".charAt(c - '\b'));
            } else if (c < ' ' || isLoneSurrogate(s, i)) {
                out.write(String.format("\\u%04x", (int) c));
            } else {
                out.write(c);
            }
        }
        out.write('"');
    }

    /** Starts reading an object. */
    Members beginObject() {
        expect('{');
        return new Members();
    }

    /** Iterates over the members of an object: call {@code next}, then {@code key}, then read or skip the value. */
    final class Members {
        private boolean first = true;
        private String key = "";

        boolean next() {
            if (peek() == '}') {
                position++;
                return false;
            }
            if (!first) {
                expect(',');
            }
            first = false;
            key = readString();
            expect(':');
            return true;
        }

        String key() {
            return key;
        }
    }

    /** Whether the next value is a string. */
    boolean isStringNext() {
        return peek() == '"';
    }

    String readString() {
        expect('"');
        int start = position;
        while (position < text.length() && isPlain(text.charAt(position))) {
            position++;
        }
        if (position < text.length() && text.charAt(position) == '"') {
            // fast path: nearly all strings of a listing, which may contain millions, have no escapes
            return text.substring(start, position++);
        }
        return readEscapedRest(new StringBuilder().append(text, start, position));
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c != '"' && c != '\\';
    }

    /** Reads the rest of a string that contains escapes. */
    private String readEscapedRest(StringBuilder builder) {
        while (true) {
            char c = nextChar();
            if (c == '"') {
                return builder.toString();
            } else if (c < ' ') {
                throw malformed("a control character in a string");
            }
            builder.append(c == '\\' ? readEscape() : c);
        }
    }

    long readNumber() {
        peek();
        int start = position;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            position++;
        }
        int digits = position - start;
        if (digits == 0 || digits > 18 || (digits > 1 && text.charAt(start) == '0')) {
            throw malformed("expected a whole number");
        }
        return Long.parseLong(text, start, position, 10);
    }

    boolean readBoolean() {
        peek();
        boolean value = text.startsWith("true", position);
        if (!value && !text.startsWith("false", position)) {
            throw malformed("expected true or false");
        }
        position += value ? 4 : 5;
        return value;
    }

    /** Skips one value of any type. The content of an array or object is checked only for balanced brackets. */
    void skipValue() {
        if (":,]}".indexOf(peek()) >= 0) {
            throw malformed("expected a value");
        }
        int depth = 0;
        do {
            char c = peek();
            switch (c) {
                case '"' -> readString();
                case '{', '[' -> {
                    depth++;
                    position++;
                }
                case '}', ']' -> {
                    depth--;
                    position++;
                }
                case ':', ',' -> position++;
                default -> skipBareValue();
            }
        } while (depth > 0);
    }

    /** Requires that only whitespace is left. */
    void requireEnd() {
        skipWhitespace();
        if (position < text.length()) {
            throw malformed("more text after the end");
        }
    }

    /** Skips a number, true, false or null. */
    private void skipBareValue() {
        int start = position;
        while (position < text.length() && isBareCharacter(text.charAt(position))) {
            position++;
        }
        if (position == start) {
            throw malformed("expected a value");
        }
    }

    private static boolean isBareCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "+-.E".indexOf(c) >= 0;
    }

    private char readEscape() {
        char c = nextChar();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> readUnicodeEscape();
            default -> throw malformed("an unknown escape");
        };
    }

    private char readUnicodeEscape() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            char c = nextChar();
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw malformed("an unknown escape");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private static boolean isLoneSurrogate(String s, int i) {
        char c = s.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == s.length() || !Character.isLowSurrogate(s.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(s.charAt(i - 1)));
    }

    private void expect(char expected) {
        if (peek() != expected) {
            throw malformed("expected " + expected);
        }
        position++;
    }

    private char peek() {
        skipWhitespace();
        if (position == text.length()) {
            throw malformed("the text is cut off");
        }
        return text.charAt(position);
    }

    private char nextChar() {
        if (position == text.length()) {
            throw malformed("the text is cut off");
        }
        return text.charAt(position++);
    }

    private void skipWhitespace() {
        while (position < text.length() && isWhitespace(text.charAt(position))) {
            position++;
        }
    }

    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private ProblemException malformed(String hint) {
        return Problem.malformed(subject, "character " + position, hint + ".");
    }
}
