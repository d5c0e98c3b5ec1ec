package dev.narthex.ecosystem.example;

import dev.narthex.ecosystem.OrderedKey;
import dev.narthex.ecosystem.PlainText;
import dev.narthex.ecosystem.ShellWord;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Facts;
import dev.narthex.spi.Found;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundArtifact.Origin;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.ReleaseView;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Notes: a path that is one file with a name like {@code shopping-3.note}. */
@Singleton
public class ExampleEcosystem implements Ecosystem {
    static final String ID = "example";

    /** What only notes have: shown on the page, given in its JSON twin. */
    public record Details(int lines) {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String title() {
        return "Notes";
    }

    @Override
    public String normalise(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Versions are whole numbers; what is none comes before them. */
    @Override
    public byte[] versionKey(String version) {
        boolean number = version.matches("[0-9]{1,9}");
        return number
                ? new OrderedKey().mark(1).number(version).toBytes()
                : new OrderedKey().mark(0).text(version).toBytes();
    }

    @Override
    public boolean prerelease(String version) {
        return version.equals("0");
    }

    @Override
    public Stream<Found> recognise(Candidate path) throws IOException {
        var name = path.path().name();
        if (!Note.named(name) || !(path.listing().root() instanceof Entry.Regular file)) {
            return Stream.empty();
        }
        try (var in = path.open("")) {
            return Note.read(name, in).map(note -> found(note, file)).stream();
        }
    }

    @Override
    public List<InstallSnippet> install(ReleaseView release) {
        return release.artifacts().stream()
                .map(file -> release.baseUrl() + "/registry/" + release.cache() + "/example/" + file.filename())
                .map(url -> new InstallSnippet("curl", "curl -O " + ShellWord.of(url), ""))
                .limit(1)
                .toList();
    }

    @Override
    public Details details(ReleaseView release) {
        return new Details((int) release.facts().manifest().lines().count());
    }

    private static Found found(Note note, Entry.Regular file) {
        var readme = new Facts.Readme(note.text(), Note.TYPE);
        var facts = new Facts(
                PlainText.line(note.summary()),
                "",
                "",
                "",
                List.of(),
                List.of(),
                Optional.of(readme),
                note.text(),
                List.of());
        // The note's bytes are served where they lie in the NAR: nothing is copied.
        var artifact =
                new FoundArtifact(note.filename(), Origin.EXACT, "out", "any", file.narOffset(), file.size(), "");
        return new Found(note.name(), note.version(), facts, List.of(), List.of(artifact));
    }
}
