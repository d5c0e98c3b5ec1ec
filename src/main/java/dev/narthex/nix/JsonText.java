package dev.narthex.nix;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.io.Writer;

/**
 * A minimal pull parser for the JSON (RFC 8259) in Nix's formats. The caller requests the expected type. Numbers must be
 * non-negative integers. Skipping counts brackets, so deeply nested hostile input does not overflow the stack.
 */
final class JsonText {
    private final String text;
    private final String what;
    private int at;

    /** @param what name of the input in error messages */
    JsonText(String text, String what) {
        this.text = text;
        this.what = what;
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
            } else if (c < ' ' || isLone(s, i)) {
                out.write(String.format("\\u%04x", (int) c));
            } else {
                out.write(c);
            }
        }
        out.write('"');
    }

    /** Starts reading an object. */
    Members object() {
        expect('{');
        return new Members();
    }

    /** Iterates over the members of an object: call {@code next}, then {@code key}, then read or skip the value. */
    final class Members {
        private boolean first = true;
        private String key = "";

        boolean next() {
            if (peek() == '}') {
                at++;
                return false;
            }
            if (!first) {
                expect(',');
            }
            first = false;
            key = string();
            expect(':');
            return true;
        }

        String key() {
            return key;
        }
    }

    /** Whether the next value is a string. */
    boolean isString() {
        return peek() == '"';
    }

    String string() {
        expect('"');
        int start = at;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '"') {
            // fast path: nearly all strings of a listing, which may contain millions, have no escapes
            return text.substring(start, at++);
        }
        return rest(new StringBuilder().append(text, start, at));
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c != '"' && c != '\\';
    }

    /** Reads the rest of a string that contains escapes. */
    private String rest(StringBuilder string) {
        while (true) {
            char c = take();
            if (c == '"') {
                return string.toString();
            } else if (c < ' ') {
                throw malformed("a control character in a string");
            }
            string.append(c == '\\' ? escape() : c);
        }
    }

    long number() {
        peek();
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        int digits = at - start;
        if (digits == 0 || digits > 18 || (digits > 1 && text.charAt(start) == '0')) {
            throw malformed("expected a whole number");
        }
        return Long.parseLong(text, start, at, 10);
    }

    boolean bool() {
        peek();
        boolean yes = text.startsWith("true", at);
        if (!yes && !text.startsWith("false", at)) {
            throw malformed("expected true or false");
        }
        at += yes ? 4 : 5;
        return yes;
    }

    /** Skips one value of any type. The content of an array or object is checked only for balanced brackets. */
    void skip() {
        if (":,]}".indexOf(peek()) >= 0) {
            throw malformed("expected a value");
        }
        int depth = 0;
        do {
            char c = peek();
            switch (c) {
                case '"' -> string();
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                case ':', ',' -> at++;
                default -> word();
            }
        } while (depth > 0);
    }

    /** Requires that only whitespace is left. */
    void end() {
        space();
        if (at < text.length()) {
            throw malformed("more text after the end");
        }
    }

    /** Skips a number, true, false or null. */
    private void word() {
        int start = at;
        while (at < text.length() && isBare(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw malformed("expected a value");
        }
    }

    private static boolean isBare(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "+-.E".indexOf(c) >= 0;
    }

    private char escape() {
        char c = take();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw malformed("an unknown escape");
        };
    }

    private char unicode() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            char c = take();
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw malformed("an unknown escape");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private static boolean isLone(String s, int i) {
        char c = s.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == s.length() || !Character.isLowSurrogate(s.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(s.charAt(i - 1)));
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw malformed("expected " + wanted);
        }
        at++;
    }

    private char peek() {
        space();
        if (at == text.length()) {
            throw malformed("the text is cut off");
        }
        return text.charAt(at);
    }

    private char take() {
        if (at == text.length()) {
            throw malformed("the text is cut off");
        }
        return text.charAt(at++);
    }

    private void space() {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
    }

    private ProblemException malformed(String hint) {
        return new Problem.Malformed(what, "character " + at, hint + ".").asException();
    }
}
