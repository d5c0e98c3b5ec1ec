package dev.narthex.spi;

import java.util.regex.Pattern;

/**
 * A color for the light and for the dark theme, each as {@code #rrggbb}. Each needs a contrast of 3:1 against the page background
 * (WCAG 2.2, 1.4.11); {@code EcosystemContract} checks it.
 */
public record Color(String light, String dark) {
    // must be initialized before PLAIN, whose constructor uses it
    private static final Pattern HEX = Pattern.compile("#[0-9a-f]{6}");

    /** Default for ecosystems without their own color: the color of controls. */
    public static final Color PLAIN = new Color("#847d6f", "#767d90");

    public Color {
        if (!HEX.matcher(light).matches() || !HEX.matcher(dark).matches()) {
            throw new IllegalArgumentException("not two colours like #2346a3: " + light + ", " + dark);
        }
    }
}
