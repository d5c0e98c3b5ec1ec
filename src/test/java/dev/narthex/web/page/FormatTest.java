package dev.narthex.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTest {
    @ParameterizedTest
    @CsvSource({
        "0, same",
        "1, +1 byte",
        "-1, −1 byte",
        "12288, +12.0 KiB",
        "-1782579, −1.7 MiB",
    })
    void aChangeHasASignAndAUnit(long bytes, String shown) {
        assertEquals(shown, Format.change(bytes));
        assertEquals(shown, Format.difference(5, 5 + bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T00:00:00Z, 2 days later",
        "2026-11-19T01:00:00Z, 1 day later",
        "2026-11-18T23:59:59Z, 23 hours later",
        "2026-11-18T00:01:00Z, 1 minute later",
        "2026-11-18T00:00:59Z, within a minute",
        "2026-11-17T22:00:00Z, 2 hours earlier",
    })
    void aStepInTimeIsToldInItsLargestUnit(Instant second, String shown) {
        assertEquals(shown, Format.delay(Instant.parse("2026-11-18T00:00:00Z"), second));
    }

    @Test
    void timesAreFormatted() {
        assertEquals("1,000 days later", Format.delay(Instant.EPOCH, Instant.EPOCH.plusSeconds(1000L * 24 * 3600)));
    }
}
