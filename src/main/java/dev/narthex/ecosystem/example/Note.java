package dev.narthex.ecosystem.example;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A text file named {@code {name}-{version}.note}, such as {@code shopping-3.note}. Its first line is its summary.
 *
 * @param version a whole number
 */
record Note(String name, String version, String text) {
    static final String TYPE = "text/plain";

    private static final Pattern FILENAME = Pattern.compile("([a-z][a-z0-9-]{0,63})-([0-9]{1,9})\\.note");
    private static final int MAX_BYTES = 64 * 1024;

    /** Checks only the name, which is cheap. */
    static boolean named(String filename) {
        return FILENAME.matcher(filename).matches();
    }

    /** @return empty if this is not the file name of a note */
    static Optional<String> name(String filename) {
        var m = FILENAME.matcher(filename);
        return m.matches() ? Optional.of(m.group(1)) : Optional.empty();
    }

    /** @return empty if the text is too long or not UTF-8 */
    static Optional<Note> read(String filename, InputStream in) throws IOException {
        var m = FILENAME.matcher(filename);
        var bytes = in.readNBytes(MAX_BYTES + 1);
        var text = new String(bytes, StandardCharsets.UTF_8);
        boolean readable = bytes.length <= MAX_BYTES && text.indexOf('\uFFFD') < 0 && text.indexOf('\0') < 0;
        return readable && m.matches() ? Optional.of(new Note(m.group(1), m.group(2), text)) : Optional.empty();
    }

    String summary() {
        return text.lines().findFirst().orElse("");
    }
}
