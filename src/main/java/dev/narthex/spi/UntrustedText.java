package dev.narthex.spi;

import dev.narthex.nix.SurrogateEscapedText;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Sanitizes untrusted text for {@link Facts}. */
public final class UntrustedText {
    /** Maximum stored length of a readme, in bytes. */
    public static final int README_BYTES = 512 * 1024;

    /** Maximum stored number of dependencies of a release; each becomes a row. */
    public static final int DEPENDENCIES = 5000;

    private static final int LINE_LENGTH = 1000;
    private static final Pattern README = Pattern.compile("readme(\\.[a-z]{1,10})?(\\.(md|rst|txt))?");

    /** Readmes that cannot be shown as text; Debian, for example, compresses its readmes. */
    private static final Pattern NOT_PLAIN = Pattern.compile(".*\\.(gz|xz|bz|zst|lz|zip|html|htm|pdf)");

    private UntrustedText() {}

    /** Converts text to one line of at most {@value #LINE_LENGTH} characters, all of which can be encoded. */
    public static String line(String text) {
        var line = text.length() > LINE_LENGTH ? text.substring(0, LINE_LENGTH) : text;
        // An unpaired surrogate, from a JSON escape or from the cut above, cannot be encoded.
        return SurrogateEscapedText.toDisplayText(
                line.replaceAll("[\\p{Cntrl}\\s]+", " ").strip());
    }

    /** Returns the text if it is an http(s) URL with a host, otherwise an empty text. */
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

    /** Reads the first {@value #README_BYTES} bytes of a readme. */
    public static Facts.Readme readme(InputStream in, String filename) throws IOException {
        var bytes = in.readNBytes(README_BYTES);
        return new Facts.Readme(clean(new String(bytes, StandardCharsets.UTF_8)), format(filename));
    }

    /** Returns the beginning of a readme that is already decoded. */
    public static Facts.Readme readme(String text, String format) {
        return new Facts.Readme(clean(text.substring(0, Math.min(text.length(), README_BYTES))), format);
    }

    /** Replaces zero characters, which PostgreSQL cannot store, and unpaired surrogates. */
    public static String clean(String text) {
        return SurrogateEscapedText.toDisplayText(text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD'));
    }

    /** Ranks file names of readmes, lower is better; empty if the file is not a readme. */
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
