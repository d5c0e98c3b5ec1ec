package dev.narthex.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at the page that a browser shows as somebody would who hears it, enlarges it, or sees few colours: by axe-core. */
final class Axe {
    private static final Path SCRIPT =
            Path.of(System.getProperty("narthex.tools", "target/tools"), "node_modules", "axe-core", "axe.min.js");
    private static final List<Integer> WIDTHS = List.of(360, 1280);
    private static final int NARROWEST = 320;
    private static final List<String> SCHEMES = List.of("light", "dark");

    /** DevTools run it whatever the policy of the page says; the answer is kept in the page until it is asked for. */
    private static final String RUN = """
            window.axeTold = undefined;
            axe.run(document, {
                resultTypes: ['violations'],
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            }).then(
                told => window.axeTold = told.violations.flatMap(rule => rule.nodes
                    .map(node => rule.id + ': ' + node.html + ' ' + node.failureSummary)),
                failed => window.axeTold = ['axe: ' + failed]);
            undefined
            """;

    private Axe() {}

    /** What is wrong with the page as it is shown now. */
    static List<String> violations(Browser browser) throws Exception {
        if (browser.value("typeof axe == 'undefined'").asBoolean()) {
            browser.value(Files.readString(SCRIPT) + "; undefined");
        }
        browser.value(RUN);
        browser.await("window.axeTold !== undefined");
        var found = new ArrayList<String>();
        browser.value("window.axeTold").forEach(line -> found.add(line.asText()));
        return found;
    }

    /**
     * Fails unless the page is right on a phone and on a desk, light and dark: nothing that axe finds, not wider than the
     * screen, no message in the console; nor wider on the smallest of screens, in a script from right to left, or with text of
     * twice the size. Pictures stay in the folder.
     */
    static void everyLook(Browser browser, Path folder, String name) throws Exception {
        for (int width : WIDTHS) {
            for (var scheme : SCHEMES) {
                var look = name + "-" + width + "-" + scheme;
                browser.picture(folder.resolve(look + ".png"), width, scheme);
                assertEquals(List.of(), violations(browser), look);
            }
        }
        assertEquals(List.of(), browser.complaints(), name);
        fitsWhateverTheReaderHas(browser);
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
