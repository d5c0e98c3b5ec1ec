package dev.narthex.ecosystem;

import java.util.regex.Pattern;

/** Quotes untrusted text for commands that users paste into a shell. */
public final class ShellQuote {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9@%+=:,./_-]+");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\u2028\u2029]");

    private ShellQuote() {}

    /**
     * Quotes any text as one word of a POSIX shell (POSIX.1-2024 XCU §2.2.2). Control characters become U+FFFD: a line feed
     * within quotes is harmless to the shell but misleads a user who reads the command before pasting it.
     */
    public static String of(String text) {
        var line = CONTROL.matcher(text).replaceAll("\uFFFD");
        return PLAIN.matcher(line).matches() ? line : "'" + line.replace("'", "'\\''") + "'";
    }
}
