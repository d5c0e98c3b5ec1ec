package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks the page in a browser for accessibility with axe-core. */
public final class AccessibilityChecker {
    private static final Path SCRIPT =
            Path.of(System.getProperty("narthex.tools", "target/tools"), "node_modules", "axe-core", "axe.min.js");
    private static final List<Integer> WIDTHS = List.of(360, 1280);
    private static final int NARROWEST = 320;
    private static final List<String> SCHEMES = List.of("light", "dark");

    /**
     * Screenshots are only for people and take a third of Chromium's CPU time, so they are taken with this option or of
     * failures.
     */
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

    /** Returns violations on the current page. */
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
     * Fails unless the page is right at phone and desktop widths, light and dark: no violation found by axe (all rules at each
     * width and theme, color rules in all four combinations), no horizontal scrolling, all images loaded, no console messages;
     * also at the smallest width, in right-to-left text, and with text of twice the size. Saves a screenshot of a page that
     * fails.
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

    /** Saves screenshots for a person to judge. */
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
