package dev.narthex.web.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;

/** Contrast of a color with the backgrounds of pages (WCAG 2.2, "contrast ratio"), as defined in the style sheet. */
public final class ContrastChecker {
    private static final String TOKENS = tokens();

    private ContrastChecker() {}

    /** @param ground name of a token, such as "page" */
    public static double onLight(String colour, String ground) {
        return ratio(colour, token(ground, 1));
    }

    public static double onDark(String colour, String ground) {
        return ratio(colour, token(ground, 2));
    }

    /** Returns the smaller of the contrast ratios in the light and the dark theme; both are tokens. */
    public static double of(String token, String ground) {
        return Math.min(onLight(token(token, 1), ground), onDark(token(token, 2), ground));
    }

    private static String token(String name, int group) {
        var m = Pattern.compile("--" + name + ": light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)")
                .matcher(TOKENS);
        if (!m.find()) {
            throw new AssertionError("no token " + name);
        }
        return m.group(group);
    }

    private static double ratio(String a, String b) {
        double x = luminance(a);
        double y = luminance(b);
        return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    }

    private static double luminance(String hex) {
        return 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
    }

    private static double channel(String hex, int from) {
        double value = Integer.parseInt(hex, from, from + 2, 16) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }

    private static String tokens() {
        try (var in = ContrastChecker.class.getClassLoader().getResourceAsStream("assets/tokens.css")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
