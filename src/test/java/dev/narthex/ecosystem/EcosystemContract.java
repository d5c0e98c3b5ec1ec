package dev.narthex.ecosystem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.DamagedCandidate;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Facts;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.InstallScripts;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileReader;
import dev.narthex.spi.LockfileVisitor;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Resolver;
import dev.narthex.web.support.ContrastChecker;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The contract of every ecosystem. A plugin is one subclass of a few lines; an ecosystem that builds files from trees also
 * implements {@link TranscoderContract}.
 */
public abstract class EcosystemContract {
    /** If any of it is executed, "id" prints "uid=". */
    private static final String ALL_WRONG = "'; id #\n$(id)`id`\"\\<script>\u0000\u2028 é😀 && id";

    /** Minimum contrast of graphical objects (WCAG 2.2, 1.4.11). */
    private static final double SEEN = 3;

    protected abstract Ecosystem ecosystem();

    /** Names as people write them; two are spellings of the same name if the ecosystem has such. */
    protected abstract List<String> names();

    /** Versions in ascending order, none equal. */
    protected abstract List<String> versions();

    /** Paths that the ecosystem recognizes, each as at least one release. */
    protected abstract List<NarCandidate> packages();

    @Test
    void idIsASegmentOfUrls() {
        assertTrue(ecosystem().id().matches("[a-z][a-z0-9]*"));
        assertFalse(ecosystem().title().isBlank());
    }

    @Test
    void colorHasContrastInBothThemes() {
        var colour = ecosystem().color();
        for (var ground : List.of("page", "surface", "sunken")) {
            double light = ContrastChecker.onLight(colour.light(), ground);
            double dark = ContrastChecker.onDark(colour.dark(), ground);
            assertTrue(Math.min(light, dark) >= SEEN, () -> "contrast with " + ground + ": " + light + ", " + dark);
        }
    }

    @Test
    void withdrawalActionsAreNamedByTheEcosystem() {
        ecosystem().withdrawal().ifPresent(withdrawal -> {
            for (var word : List.of(withdrawal.kind(), withdrawal.act(), withdrawal.undo())) {
                assertTrue(word.matches("[a-z]+"), word);
                assertFalse(List.of("promote", "decline").contains(word), word);
            }
            assertNotEquals(withdrawal.act(), withdrawal.undo());
            assertTrue(withdrawal.effect().endsWith("."), withdrawal.effect());
        });
    }

    @Test
    void normalizationIsIdempotent() {
        for (var name : names()) {
            var once = ecosystem().normalize(name);
            assertEquals(once, ecosystem().normalize(once));
        }
        assertDoesNotThrow(() -> ecosystem().normalize(ALL_WRONG));
    }

    @Test
    void keysSortLikeVersions() {
        var versions = versions();
        for (int i = 0; i < versions.size(); i++) {
            for (int j = 0; j < versions.size(); j++) {
                var a = versions.get(i);
                var b = versions.get(j);
                assertEquals(Integer.compare(i, j), Integer.signum(compare(a, b)), a + " against " + b);
            }
        }
    }

    @Test
    void invalidLockfileIsRefused() {
        if (ecosystem() instanceof LockfileReader reader) {
            assertFalse(reader.locks().isBlank());
            for (var odd : List.of("", ALL_WRONG, "{}", "{\"" + ALL_WRONG, "[".repeat(100_000))) {
                var refused = assertThrows(
                        ProblemException.class, () -> reader.read(new StringReader(odd), new NothingFound()));
                assertEquals(422, refused.problem().status(), odd);
            }
        }
    }

    private static final class NothingFound implements LockfileVisitor {
        @Override
        public void format(String format) {
            throw new AssertionError("it was taken for a " + format);
        }

        @Override
        public void add(LockedFile file) {
            throw new AssertionError("found " + file);
        }

        @Override
        public void choice(List<LockedFile> files) {
            throw new AssertionError("found " + files);
        }

        @Override
        public void skip(String key, String reason) {
            throw new AssertionError("found " + key);
        }
    }

    @Test
    void declaredAndAvailableDependenciesAreResolved() throws IOException {
        if (ecosystem() instanceof Resolver resolver) {
            for (var kind : resolver.installedKinds()) {
                var odd = new Dependency(ALL_WRONG, ALL_WRONG, ALL_WRONG, kind);
                var versions = List.of(new AvailableVersions.Version(2, ALL_WRONG, false, List.of(), List.of(odd)));
                assertDoesNotThrow(() -> resolver.choose(odd, versions));
                for (var release : releases()) {
                    var resolution =
                            resolver.resolve(release, new AvailableVersions(Map.of(ALL_WRONG, versions), true));
                    assertFalse(resolution.needed().contains(release.id()));
                }
            }
            assertTrue(resolver.unpackedSize(Map.of()).isEmpty());
        }
    }

    @Test
    void everyVersionHasASortKey() {
        for (var odd : List.of("", ALL_WRONG, "v", "-", "1..2", "9".repeat(5000), "1." + "0.".repeat(5000))) {
            assertArrayEquals(ecosystem().versionKey(odd), ecosystem().versionKey(odd));
            assertDoesNotThrow(() -> ecosystem().prerelease(odd));
        }
    }

    @Test
    void recognitionIsDeterministic() throws IOException {
        for (var path : packages()) {
            var found = recognize(path);
            assertFalse(found.isEmpty(), path.path() + " is not recognised");
            assertEquals(found, recognize(path));
        }
    }

    @Test
    void artifactsLieWithinThePath() throws IOException {
        for (var path : packages()) {
            for (var artifact : recognize(path).stream()
                    .flatMap(f -> f.artifacts().stream())
                    .toList()) {
                assertTrue(artifact.offset() >= 0 && artifact.length() > 0);
                assertTrue(artifact.offset() + artifact.length() <= path.narSize());
                assertFalse(artifact.filename().isBlank() || artifact.filename().contains("/"));
                assertTrue(path.listing().find(artifact.file()).isPresent());
            }
        }
    }

    @Test
    void damagedPathIsRecognizedOrIgnoredWithoutException() {
        var random = new Random(20240501);
        for (var path : packages()) {
            for (int i = 0; i < 300; i++) {
                var hostile = new DamagedCandidate(path, random.nextLong());
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> recognize(hostile.candidate()), () -> "seed " + hostile.seed());
            }
        }
    }

    @Test
    void readFailurePropagates() throws IOException {
        for (var path : packages()) {
            var opened = new ArrayList<String>();
            recognize(DamagedCandidate.candidate(path, file -> {
                opened.add(file);
                return path.open(file);
            }));
            if (!opened.isEmpty()) {
                assertThrows(IOException.class, () -> recognize(DamagedCandidate.unreadable(path)));
            }
        }
    }

    @Test
    void commandsAreOneLineAndSafeToPaste() throws Exception {
        for (var release : releases()) {
            for (var snippet : ecosystem().install(release)) {
                assertFalse(snippet.command().matches("(?s).*[\\p{Cntrl}\u2028\u2029].*"), snippet.command());
                assertFalse(snippet.door().isBlank());
                // A shell parses the command: none of the hostile words may be executed.
                var shell = new ProcessBuilder(
                        "sh", "-c", "for w in " + snippet.command() + "; do printf '%s\\n' \"$w\"; done");
                var process = shell.redirectErrorStream(true).start();
                var words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(0, process.waitFor(), words);
                assertFalse(words.contains("uid="), words);
            }
        }
    }

    @Test
    void detailsAreRenderedForAnyRelease() throws IOException {
        for (var release : releases()) {
            assertDoesNotThrow(
                    () -> ecosystem().details(release, ViewFixture::signer).toString());
        }
    }

    @Test
    void installScriptsAreReportedInOneLine() throws IOException {
        if (ecosystem() instanceof InstallScripts code) {
            for (var release : releases()) {
                for (var step : code.steps(release)) {
                    assertFalse(step.name().isBlank());
                    assertFalse((step.name() + step.command()).matches("(?s).*\\p{Cntrl}.*"), step.toString());
                }
            }
        }
    }

    /** Real releases, and one with hostile text in every field. */
    private List<ReleaseInfo> releases() throws IOException {
        var views = new ArrayList<ReleaseInfo>();
        for (var path : packages()) {
            for (var release : recognize(path)) {
                views.add(ViewFixture.release(ecosystem(), release, path));
            }
        }
        var facts = new Facts(
                ALL_WRONG,
                ALL_WRONG,
                ALL_WRONG,
                ALL_WRONG,
                List.of(ALL_WRONG),
                List.of(),
                Optional.empty(),
                ALL_WRONG,
                List.of());
        var artifact = new FoundArtifact(ALL_WRONG, FoundArtifact.Origin.EXACT, ALL_WRONG, ALL_WRONG, 0, 1, "");
        var hostile = new FoundRelease(ALL_WRONG, ALL_WRONG, facts, List.of(), List.of(artifact));
        views.add(ViewFixture.release(ecosystem(), hostile, packages().getFirst()));
        return views;
    }

    private List<FoundRelease> recognize(Candidate path) throws IOException {
        try (var found = ecosystem().recognize(path)) {
            return found.toList();
        }
    }

    private int compare(String a, String b) {
        return Arrays.compareUnsigned(ecosystem().versionKey(a), ecosystem().versionKey(b));
    }
}
