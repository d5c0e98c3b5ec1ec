package dev.narthex.web.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DidYouMeanTest {
    @ParameterizedTest
    @CsvSource({
        "lantern, lantern,  0",
        "lanten,  lantern,  1",
        "lantren, lantern,  1",
        "lamtern, lantern,  1",
        "lantern, lanterna, 1",
        "'',      abc,      3",
        "abc,     xyz,      3",
    })
    void aSlipOfTheFingerIsOneStep(String typed, String meant, int steps) {
        assertEquals(steps, DidYouMean.distance(typed, meant));
        assertEquals(steps, DidYouMean.distance(meant, typed));
    }
}
