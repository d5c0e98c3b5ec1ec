package dev.narthex.ecosystem.example;

import dev.narthex.ecosystem.ShellQuote;
import dev.narthex.ecosystem.SortKeyBuilder;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Color;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Facts;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.UntrustedText;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The ecosystem of notes. Recognizes paths that are one file with a name like {@code shopping-3.note}. */
@Singleton
public class ExampleEcosystem implements Ecosystem {
    static final String ID = "example";

    /** Facts that only notes have; shown on the page and in its JSON twin. */
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
    public Color color() {
        return new Color("#5b6b1f", "#b4c76a");
    }

    @Override
    public String normalize(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Versions are whole numbers; anything else sorts before them. */
    @Override
    public byte[] versionKey(String version) {
        boolean number = version.matches("[0-9]{1,9}");
        return number
                ? new SortKeyBuilder().mark(1).number(version).toBytes()
                : new SortKeyBuilder().mark(0).text(version).toBytes();
    }

    @Override
    public boolean prerelease(String version) {
        return version.equals("0");
    }

    /** Checks the name first: most pushed paths are not notes, and reading their content would be expensive. */
    @Override
    public Stream<FoundRelease> recognize(Candidate path) throws IOException {
        var file = FoundArtifact.ofFile(path, path.path().name()).filter(f -> Note.named(f.filename()));
        if (file.isEmpty()) {
            return Stream.empty();
        }
        try (var in = path.open("")) {
            return Note.read(file.get().filename(), in).map(note -> found(note, file.get())).stream();
        }
    }

    @Override
    public List<InstallSnippet> install(ReleaseInfo release) {
        return release.artifacts().stream()
                .map(file -> release.baseUrl() + "/registry/" + release.cache() + "/example/" + file.filename())
                .map(url -> new InstallSnippet("curl", "curl -O " + ShellQuote.of(url), ""))
                .limit(1)
                .toList();
    }

    @Override
    public Details details(ReleaseInfo release) {
        return new Details((int) release.facts().manifest().lines().count());
    }

    private static FoundRelease found(Note note, FoundArtifact file) {
        var facts = Facts.of(UntrustedText.line(note.summary()))
                .withReadme(new Facts.Readme(note.text(), Note.TYPE))
                .withManifest(note.text());
        return new FoundRelease(note.name(), note.version(), facts, List.of(), List.of(file));
    }
}
