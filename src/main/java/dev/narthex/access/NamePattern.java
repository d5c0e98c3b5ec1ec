package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.narthex.problem.Problem;
import java.util.regex.Pattern;

/**
 * Matches one name, or all names with a prefix: {@code lantern}, {@code @harbour/*}, {@code *}. At most one star is allowed, and
 * only at the end, so that the scope of a token is easy to read.
 *
 * @param text 1 to 256 characters without spaces and control characters
 */
public record NamePattern(String text) {
    private static final Pattern FORM = Pattern.compile("(?=.{1,256}$)[^\\s\\p{C}*]*+\\*?", Pattern.DOTALL);
    private static final String STAR = "*";

    /** Matches every name. */
    public static final NamePattern ALL = new NamePattern(STAR);

    @JsonCreator
    public NamePattern {
        if (!FORM.matcher(text).matches()) {
            throw malformed("pattern", text).toException();
        }
    }

    /**
     * Parses a pattern that a client sent.
     *
     * @param field name of the field with the pattern, for the error
     * @throws dev.narthex.problem.ProblemException Malformed
     */
    public static NamePattern parse(String field, String text) {
        if (!FORM.matcher(text).matches()) {
            throw malformed(field, text).toException();
        }
        return new NamePattern(text);
    }

    private static Problem malformed(String field, String text) {
        return new Problem.Malformed(field, text, "enter a name, or a prefix followed by one “*”, such as “lib-*”.");
    }

    boolean matches(String name) {
        return text.endsWith(STAR) ? name.startsWith(text.substring(0, text.length() - 1)) : name.equals(text);
    }

    @JsonValue
    @Override
    public String toString() {
        return text;
    }
}
