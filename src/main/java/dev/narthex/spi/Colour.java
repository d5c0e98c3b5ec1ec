package dev.narthex.spi;

import java.util.regex.Pattern;

/**
 * A colour on light and on dark grounds, each written {@code #rrggbb}. On the pages' grounds it needs a contrast of 3 to 1
 * (WCAG 2.2, 1.4.11), which {@code EcosystemContract} checks.
 */
public record Colour(String light, String dark) {
    // before any colour is made
    private static final Pattern HEX = Pattern.compile("#[0-9a-f]{6}");

    /** For who has no colour of its own: that of controls. */
    public static final Colour PLAIN = new Colour("#847d6f", "#767d90");

    public Colour {
        if (!HEX.matcher(light).matches() || !HEX.matcher(dark).matches()) {
            throw new IllegalArgumentException("not two colours like #2346a3: " + light + ", " + dark);
        }
    }
}
