package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at the page that a browser shows as somebody would who hears it, enlarges it, or sees few colours: by axe-core. */
public final class AccessibilityChecker {
    private static final Path SCRIPT =
            Path.of(System.getProperty("narthex.tools", "target/tools"), "node_modules", "axe-core", "axe.min.js");
    private static final List<Integer> WIDTHS = List.of(360, 1280);
    private static final int NARROWEST = 320;
    private static final List<String> SCHEMES = List.of("light", "dark");

    /** Pictures are for people only, and take a third of the CPU time of Chromium: made with this option, and of what fails. */
    private static final boolean PICTURES = Boolean.getBoolean("narthex.pictures");

    private static final String ALL_RULES =
            "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}";

    /** Rules that depend on the theme. */
    private static final String RULES_OF_COLORS = "{type: 'rule', values: ['color-contrast', 'link-in-text-block']}";

    /** DevTools runs it regardless of the page's content security policy. */
    private static final String RUN = """
            axe.run(document, {resultTypes: ['violations'], runOnly: %s})
                .then(told => told.violations.flatMap(rule => rule.nodes
                    .map(node => rule.id + ': ' + node.html + ' ' + node.failureSummary)))
            """;

    private AccessibilityChecker() {}

    /** Violations on the page as shown now. */
    public static List<String> violations(Browser browser) throws Exception {
        return violations(browser, ALL_RULES);
    }

    private static List<String> violations(Browser browser, String rules) throws Exception {
        if (browser.value("typeof axe == 'undefined'").asBoolean()) {
            browser.value(Files.readString(SCRIPT) + "; undefined");
        }
        var hashes = new ArrayList<String>();
        browser.promised(RUN.formatted(rules)).forEach(line -> hashes.add(line.asText()));
        return hashes;
    }

    /**
     * Fails unless the page is right on a phone and on a desk, light and dark: nothing that axe finds, where all its rules run once
     * for each width and once for each theme, and those of colors in all four looks; not wider than the screen, all images
     * there, no message in the console; nor wider on the smallest of screens, in a script from right to left,
     * or with text of twice the size. A page that fails leaves a picture in the folder.
     */
    public static void everyLook(Browser browser, Path folder, String name) throws Exception {
        for (int width : WIDTHS) {
            for (var scheme : SCHEMES) {
                boolean diagonal = WIDTHS.indexOf(width) == SCHEMES.indexOf(scheme);
                var look = name + "-" + width + "-" + scheme;
                var picture = folder.resolve(look + ".png");
                try {
                    browser.look(width, scheme);
                    assertEquals(List.of(), violations(browser, diagonal ? ALL_RULES : RULES_OF_COLORS), look);
                } catch (AssertionError e) {
                    browser.picture(picture);
                    throw e;
                }
                if (PICTURES) {
                    browser.picture(picture);
                }
            }
        }
        browser.loadImages();
        assertEquals(List.of(), browser.complaints(), name);
        fitsWhateverTheReaderHas(browser);
    }

    /** For what only people can judge. */
    public static void picture(Browser browser, Path file) throws Exception {
        if (PICTURES) {
            browser.picture(file);
        }
    }

    private static void fitsWhateverTheReaderHas(Browser browser) throws Exception {
        browser.width(NARROWEST);
        browser.fits();
        browser.value("document.documentElement.dir = 'rtl'");
        browser.fits();
        browser.value("document.documentElement.dir = 'ltr'");
        browser.textSize(200);
        for (int width : List.of(700, WIDTHS.getLast())) {
            browser.width(width);
            browser.fits();
        }
        browser.textSize(100);
    }
}
