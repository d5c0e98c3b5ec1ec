package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.GoldenList;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpmRangeTest {
    @Test
    void rangesMatchLikeNpm() throws IOException {
        var wrong = new ArrayList<String>();
        int holding = 0;
        for (var line : GoldenList.of("npm/ranges.tsv").lines()) {
            var parts = line.split("\t", -1);
            var told = holds(parts[0], parts[1]);
            holding += told.equals("true") ? 1 : 0;
            if (!told.equals(parts[2])) {
                wrong.add(line + ", not " + told);
            }
        }
        assertEquals(List.of(), wrong);
        assertEquals(700, holding);
    }

    @ParameterizedTest
    @CsvSource({
        "'',             1.0.0,       true",
        "'  ',           1.0.0,       true",
        "*,              1.0.0-beta,  false",
        "^0,             1.0.0,       false",
        "> 1.2,          1.3.0,       true",
        "> 1.2,          1.2.9,       false",
        "~> 1.2.3,       1.2.9,       true",
        "=v1.2.3,        1.2.3,       true",
        "1.2.3+build,    1.2.3,       true",
        "^1.2.3-beta.2,  1.2.3-beta.4, true",
        "^1.2.3-beta.2,  1.2.4-beta.4, false",
        "<*,             0.0.0,       false",
    })
    void rangesThatPeopleWrite(String range, String version, String told) {
        assertEquals(told, holds(range, version));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "latest",
                "next",
                "git+https://example.org/oar.git",
                "file:../oar",
                "workspace:*",
                "1.2.3.4",
                "01.2.3",
                "[1,2)",
                "9007199254740992.0.0",
                "99999999999999999",
                "1 - 2 - 3",
            })
    void invalidRangeIsReported(String text) {
        assertEquals("invalid", holds(text, "1.2.3"));
    }

    @Test
    void hostileRangesAreParsedQuickly() {
        for (var odd : List.of("* ", "1 || ", ">=", "^", "1.", "x.", " ", "9", "-", "=v", "1-", "||")) {
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
                for (int length : new int[] {10, 255, 256, 100_000}) {
                    var text = odd.repeat(length / odd.length() + 1).substring(0, length);
                    assertTrue(length <= 256 || NpmRange.parse(text).isEmpty());
                    NpmRange.parse(text).ifPresent(range -> range.contains(version("1.0.0")));
                }
            });
        }
    }

    private static String holds(String range, String version) {
        return NpmRange.parse(range)
                .map(read -> Boolean.toString(read.contains(version(version))))
                .orElse("invalid");
    }

    private static NpmVersion version(String text) {
        return NpmVersion.parse(text).orElseThrow();
    }
}
