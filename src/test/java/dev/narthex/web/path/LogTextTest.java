package dev.narthex.web.path;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogTextTest {
    @Test
    void terminalCodesAreRemoved() throws IOException {
        var log = read("\u001b[1;31merror:\u001b[0m no\u0007 such\u001b]0;title\u0007 file\u001b(B\n");
        assertEquals(List.of("error: no such fileB"), log.lines());
    }

    @Test
    void phasesAreFoundInBothFormats() throws IOException {
        var log = read(
                "start\n@nix { \"action\": \"setPhase\", \"phase\": \"unpackPhase\" }\nx\nRunning phase: buildPhase\n");
        assertEquals(
                List.of("unpackPhase", "buildPhase"),
                log.phases().stream().map(p -> p.name()).toList());
        assertEquals(List.of(2L, 4L), log.phases().stream().map(p -> p.line()).toList());
    }

    @Test
    void endOfALongLogKeepsItsLineNumbers() throws IOException {
        var log = read("line\n".repeat(5001) + "last\n");
        assertEquals(3, log.first());
        assertEquals(5002, log.total());
        assertEquals(5000, log.lines().size());
        assertEquals("last", log.lines().getLast());
    }

    @Test
    void longLinesAreTruncated() throws IOException {
        var log = read("a\r\nb\rc\n\n" + "d".repeat(100_000) + "\ne");
        assertEquals(List.of("a", "b", "c", "", "d".repeat(2000) + "…", "e"), log.lines());
    }

    private static LogText read(String text) throws IOException {
        return LogText.of(new StringReader(text));
    }
}
