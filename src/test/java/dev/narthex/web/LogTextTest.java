package dev.narthex.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LogTextTest {
    @Test
    void terminalCodesAreTakenOut() {
        var log = LogText.of("\u001b[1;31merror:\u001b[0m no\u0007 such\u001b]0;title\u0007 file\u001b(B\n", false);
        assertEquals(List.of("error: no such fileB"), log.lines());
    }

    @Test
    void phasesAreFoundInBothForms() {
        var log = LogText.of(
                "start\n@nix { \"action\": \"setPhase\", \"phase\": \"unpackPhase\" }\nx\nRunning phase: buildPhase\n",
                false);
        assertEquals(
                List.of("unpackPhase", "buildPhase"),
                log.phases().stream().map(p -> p.name()).toList());
        assertEquals(List.of(2L, 4L), log.phases().stream().map(p -> p.line()).toList());
    }

    @Test
    void ofALongLogTheEndIsShownUnderItsOwnNumbers() {
        var log = LogText.of("line\n".repeat(5001) + "last\n", true);
        assertEquals(3, log.first());
        assertEquals(5002, log.total());
        assertEquals(5000, log.lines().size());
        assertEquals("last", log.lines().getLast());
    }
}
