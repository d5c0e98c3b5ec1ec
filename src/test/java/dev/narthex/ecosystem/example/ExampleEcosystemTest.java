package dev.narthex.ecosystem.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.EcosystemContract;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.spi.Ecosystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExampleEcosystemTest extends EcosystemContract {
    private static final NarCandidate SHOPPING = note("shopping-3.note", "For the week\n\noil, wick\n");

    private final ExampleEcosystem notes = new ExampleEcosystem();

    @Override
    protected Ecosystem ecosystem() {
        return notes;
    }

    @Override
    protected List<String> names() {
        return List.of("shopping", "Shopping");
    }

    @Override
    protected List<String> versions() {
        return List.of("draft", "0", "1", "2", "10", "999999999");
    }

    @Override
    protected List<NarCandidate> packages() {
        return List.of(SHOPPING);
    }

    @Test
    void firstLineIsTheSummary() throws IOException {
        var release = notes.recognize(SHOPPING).toList().getFirst();
        assertEquals("shopping", release.name());
        assertEquals("3", release.version());
        assertEquals("For the week", release.facts().summary());
        assertEquals(new ExampleEcosystem.Details(3), notes.details(ViewFixture.release(notes, release, SHOPPING)));
    }

    @Test
    void binaryOrUnnumberedFilesAreIgnored() throws IOException {
        for (var other : List.of(
                note("shopping.note", "x"),
                note("shopping-3.txt", "x"),
                note("shopping-3.note", "\0"),
                note("shopping-3.note", "x".repeat(65 * 1024)))) {
            assertEquals(0, notes.recognize(other).count());
        }
    }

    private static NarCandidate note(String name, String text) {
        return NarCandidate.flat(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
