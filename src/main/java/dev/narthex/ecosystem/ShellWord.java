package dev.narthex.ecosystem;

import java.util.regex.Pattern;

/** Words for commands that people paste: names come from strangers. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9@%+=:,./_-]+");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\u2028\u2029]");

    private ShellWord() {}

    /**
     * One word of a POSIX shell, whatever the text (POSIX.1-2024 XCU §2.2.2). Control characters become U+FFFD, since a
     * line feed within quotes would still end the line for who reads it before pasting.
     */
    public static String of(String text) {
        var line = CONTROL.matcher(text).replaceAll("\uFFFD");
        return PLAIN.matcher(line).matches() ? line : "'" + line.replace("'", "'\\''") + "'";
    }
}
