package dev.narthex.ecosystem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.DamagedCandidate;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.TranscodeResult.OfferedFile;
import dev.narthex.spi.TranscodeResult.RefusedPackage;
import dev.narthex.spi.Transcoder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The contract of every ecosystem that derives files from trees, in addition to {@link EcosystemContract}. */
public interface TranscoderContract {
    /** An ecosystem that is also a {@link Transcoder}. */
    Ecosystem making();

    /** Trees that it offers, each as at least one file. */
    List<NarCandidate> offeredTrees();

    /** Trees that it recognizes but does not offer; some are refused only while the file is built. */
    List<NarCandidate> refusedTrees();

    @Test
    default void theTranscoderHasANameAndANumber() {
        assertTrue(transcoder().transcoder().matches("[a-z][a-z0-9]*-[1-9][0-9]*"));
    }

    @Test
    default void theSameTreeGivesTheSameBytesEveryTime() throws IOException {
        for (var tree : offeredTrees()) {
            var once = offers(tree);
            var again = offers(DamagedCandidate.candidate(tree, tree::open));
            assertFalse(once.isEmpty(), tree.path() + " is not offered");
            assertEquals(once.size(), again.size());
            for (int i = 0; i < once.size(); i++) {
                var bytes = made(once.get(i));
                assertArrayEquals(bytes, made(once.get(i)), once.get(i).filename());
                assertArrayEquals(bytes, made(again.get(i)), once.get(i).filename());
            }
        }
    }

    /** Otherwise the page and the file would contradict each other. */
    @Test
    default void derivedFileIsTheRecognizedPackage() throws IOException {
        for (var tree : offeredTrees()) {
            for (var offer : offers(tree)) {
                var file = NarCandidate.flat(offer.filename(), made(offer));
                try (var all = making().recognize(file)) {
                    var found = all.toList();
                    assertEquals(1, found.size(), offer.filename());
                    assertEquals(offer.name(), found.getFirst().name());
                    assertEquals(offer.version(), found.getFirst().version());
                    assertEquals(offer.facts(), found.getFirst().facts());
                    assertEquals(offer.dependencies(), found.getFirst().dependencies());
                }
            }
        }
    }

    @Test
    default void fileNamesCanBeNamesInTheStore() throws IOException {
        for (var tree : offeredTrees()) {
            for (var offer : offers(tree)) {
                assertTrue(
                        offer.filename().matches("(?!\\.)[0-9A-Za-z+._?=-]{1,211}"),
                        () -> offer.filename() + " is no name");
            }
        }
    }

    @Test
    default void refusalsSayInASentenceWhatIsInTheWay() throws IOException {
        for (var tree : refusedTrees()) {
            var reason = refusal(tree).orElseThrow(() -> new AssertionError(tree.path() + " is offered"));
            assertTrue(reason.matches("[^\\p{Cntrl}]{10,500}") && reason.contains(" "), reason);
            assertFalse(reason.endsWith(".") || reason.endsWith(" "), reason);
        }
    }

    @Test
    default void aDamagedTreeIsAnotherOrNoneButNeverAFault() {
        var random = new Random(20240501);
        var trees = new ArrayList<>(offeredTrees());
        trees.addAll(refusedTrees());
        for (var tree : trees) {
            for (int i = 0; i < 100; i++) {
                var hostile = new DamagedCandidate(tree, random.nextLong());
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> useUp(hostile.candidate()), () -> "seed " + hostile.seed());
            }
        }
    }

    @Test
    default void aTreeThatCannotBeReadIsAFaultAndNotAnAnswer() {
        for (var tree : offeredTrees()) {
            assertThrows(IOException.class, () -> {
                for (var offer : offers(DamagedCandidate.unreadable(tree))) {
                    made(offer);
                }
            });
        }
    }

    private Transcoder transcoder() {
        return (Transcoder) making();
    }

    private List<OfferedFile> offers(Candidate tree) throws IOException {
        return transcode(tree).stream()
                .filter(OfferedFile.class::isInstance)
                .map(OfferedFile.class::cast)
                .toList();
    }

    private List<TranscodeResult> transcode(Candidate tree) throws IOException {
        try (var told = transcoder().transcode(tree)) {
            return told.toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Optional<String> refusal(Candidate tree) throws IOException {
        for (var told : transcode(tree)) {
            switch (told) {
                case RefusedPackage refusal -> {
                    return Optional.of(refusal.reason());
                }
                case OfferedFile offer -> {
                    try {
                        made(offer);
                    } catch (NotOfferedException e) {
                        return Optional.of(e.reason());
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Invalid input found while building is an IOException; no other exception is allowed. */
    private void useUp(Candidate tree) throws IOException {
        for (var offer : offers(tree)) {
            try (var in = offer.maker().open()) {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                assertFalse(String.valueOf(e.getMessage()).isBlank());
            }
        }
    }

    private static byte[] made(OfferedFile offer) throws IOException {
        try (var in = offer.maker().open()) {
            return in.readAllBytes();
        }
    }
}
