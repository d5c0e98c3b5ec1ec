package dev.narthex.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.web.support.ContrastChecker;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Contrast of the colors of pages, light and dark (WCAG 2.2, 1.4.3 and 1.4.11). A browser's checks skip text on gradients,
 * beside shapes and in drawings.
 */
class ContrastTest {
    private static final double TEXT = 4.5;
    private static final double SHAPE = 3.0;

    @ParameterizedTest
    @CsvSource({
        "ink,       page surface sunken accent-soft ok-soft warn-soft danger-soft mark",
        "ink-soft,  page surface sunken accent-soft",
        "link,      page surface sunken accent-soft ok-soft warn-soft danger-soft",
        "ok,        page surface sunken ok-soft",
        "warn,      page surface sunken warn-soft",
        "danger,    page surface sunken danger-soft",
        "gold,      page surface sunken",
        "on-accent, accent accent-hover",
        "syn-key,   sunken surface accent-soft",
        "syn-str,   sunken surface accent-soft",
        "syn-num,   sunken surface accent-soft",
        "syn-com,   sunken surface accent-soft",
    })
    void textCanBeRead(String colour, String grounds) {
        stands(colour, grounds, TEXT);
    }

    @ParameterizedTest
    @CsvSource({
        "control, page surface sunken",
        "focus,   page surface sunken",
        "gilt,    page surface sunken accent-soft",
        "ok,      accent-soft",
    })
    void shapesCanBeSeen(String colour, String grounds) {
        stands(colour, grounds, SHAPE);
    }

    private static void stands(String colour, String grounds, double floor) {
        for (var ground : grounds.split(" ")) {
            double ratio = ContrastChecker.of(colour, ground);
            assertTrue(ratio >= floor, colour + " on " + ground + ": " + ratio);
        }
    }
}
