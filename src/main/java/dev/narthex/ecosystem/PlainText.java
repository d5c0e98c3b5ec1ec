package dev.narthex.ecosystem;

import dev.narthex.nix.ByteText;
import dev.narthex.spi.Facts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Untrusted text on its way into {@link Facts}. */
public final class PlainText {
    /** Most of a readme that is kept, in bytes. */
    public static final int README_BYTES = 512 * 1024;

    /** Most dependencies of a release that are kept: each becomes a row. */
    public static final int DEPENDENCIES = 5000;

    private static final int LINE_LENGTH = 1000;
    private static final Pattern README = Pattern.compile("readme(\\.[a-z]{1,10})?(\\.(md|rst|txt))?");

    /** What stands in such a file cannot be shown as text: Debian compresses its readmes, for example. */
    private static final Pattern NOT_PLAIN = Pattern.compile(".*\\.(gz|xz|bz|zst|lz|zip|html|htm|pdf)");

    private PlainText() {}

    /** On one line, at most {@value #LINE_LENGTH} characters, all of which can be encoded. */
    public static String line(String text) {
        var line = text.length() > LINE_LENGTH ? text.substring(0, LINE_LENGTH) : text;
        // Half a surrogate pair, written as an escape in JSON or cut here, is no character that can be sent.
        return ByteText.shown(line.replaceAll("[\\p{Cntrl}\\s]+", " ").strip());
    }

    /** The text if it is an http(s) address with a host, else empty. */
    public static String address(String text) {
        var plain = text.strip();
        if (plain.length() > LINE_LENGTH) {
            return "";
        }
        try {
            var uri = new URI(plain);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return web && uri.getHost() != null && uri.getUserInfo() == null ? plain : "";
        } catch (URISyntaxException e) {
            return "";
        }
    }

    /** The beginning of a readme, at most {@value #README_BYTES} bytes of it. */
    public static Facts.Readme readme(InputStream in, String filename) throws IOException {
        var bytes = in.readNBytes(README_BYTES);
        return new Facts.Readme(clean(new String(bytes, StandardCharsets.UTF_8)), format(filename));
    }

    /** The beginning of a readme that is a text already. */
    public static Facts.Readme readme(String text, String format) {
        return new Facts.Readme(clean(text.substring(0, Math.min(text.length(), README_BYTES))), format);
    }

    /** Without zero characters, which no database text holds, and halves of surrogate pairs. */
    public static String clean(String text) {
        return ByteText.shown(text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD'));
    }

    /** Whether a file of this name is a readme, and how good a one: lower is better, empty is none. */
    public static Optional<Integer> readmeRank(String filename) {
        var name = filename.toLowerCase(Locale.ROOT);
        if (!README.matcher(name).matches() || NOT_PLAIN.matcher(name).matches()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (format(name)) {
                    case "text/markdown" -> name.equals("readme.md") ? 0 : 2;
                    case "text/x-rst" -> 3;
                    default -> name.equals("readme") ? 1 : 4;
                });
    }

    private static String format(String filename) {
        var name = filename.toLowerCase(Locale.ROOT);
        if (name.endsWith(".md") || name.endsWith(".markdown")) {
            return "text/markdown";
        }
        return name.endsWith(".rst") ? "text/x-rst" : "text/plain";
    }
}
