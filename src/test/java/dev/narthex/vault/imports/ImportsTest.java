package dev.narthex.vault.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.vault.imports.ImportPaths.State;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ImportsTest {
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(32);
    private static final String C = "c".repeat(32);

    @Inject
    CatalogFixture tables;

    @Inject
    Imports imports;

    @Inject
    ImportPaths paths;

    private Cache cache;
    private ImportRun run;

    @BeforeEach
    void begin() {
        cache = tables.newCache();
        run = start();
    }

    private ImportRun start() {
        var order = new ImportRun.ImportParams("https://cache.example.org", false, List.of(), false, "admin");
        return QuarkusTransaction.requiringNew().call(() -> imports.start(cache.id(), order));
    }

    private void want(String... hashes) {
        QuarkusTransaction.requiringNew().run(() -> paths.addWanted(run, List.of(hashes)));
    }

    private void know(String hash, String... references) {
        var info = new NarInfo(
                new StorePath(hash, "x"),
                "nar/x.nar",
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                CatalogFixture.hash(hash),
                10,
                Stream.of(references).map(r -> r + "-x").toList(),
                Optional.empty(),
                List.of(),
                Optional.empty());
        QuarkusTransaction.requiringNew().run(() -> paths.storeNarInfo(run, info));
    }

    private void end(String hash, State state) {
        QuarkusTransaction.requiringNew().run(() -> paths.setFinalState(run, hash, state, "because"));
    }

    private List<String> next() {
        return paths.next(run, 10, List.of()).stream()
                .map(ImportPaths.NextPath::hashPart)
                .toList();
    }

    private boolean finish() {
        return QuarkusTransaction.requiringNew().call(() -> imports.finish(run));
    }

    @Test
    void referencesAreImportedFirst() {
        want(A, A);
        assertEquals(List.of(A), next());
        know(A, B, C, A);
        assertEquals(List.of(B, C), next(), "what is wanted only, since the other waits");
        know(B, C);
        know(C);
        assertEquals(List.of(C), next());
        assertEquals(List.of(), paths.next(run, 10, List.of(C)));
        assertTrue(paths.next(run, 1, List.of()).getFirst().narInfo().startsWith("StorePath: /nix/store/" + C));
        end(C, State.MISSING);
        assertEquals(List.of(B), next());
        end(B, State.FETCHED);
        end(B, State.FAILED);
        assertEquals(List.of(A), next());
        assertFalse(finish());
        end(A, State.HERE);
        var sums = paths.totals(run, Duration.ofMinutes(1));
        assertEquals(new ImportPaths.ImportTotals(1, 10, 10), sums.get(State.FETCHED));
        assertEquals(
                new ImportPaths.PathFailure(C + "-x", State.MISSING, "because"),
                paths.listFailures(run, 5).getFirst());
        assertTrue(finish());
        assertFalse(finish());
    }

    @Test
    void cyclesAreGivenUpLast() {
        want(A, C);
        know(A, B);
        know(B, A);
        assertEquals(0, circles());
        assertEquals(List.of(C), next());
        end(C, State.MISSING);
        assertEquals(List.of(), next());
        assertEquals(2, circles());
        assertTrue(finish());
    }

    /** Every path references the ten before it, in any order of hashes. */
    @Test
    void concurrentImportsDoNotBlockEachOther() throws Exception {
        var hashes = IntStream.range(0, 100)
                .mapToObj(i -> NixHash.sha256(new byte[] {(byte) i}).nix32().substring(0, 32))
                .toList();
        want(hashes.toArray(String[]::new));
        atOnce(hashes, hash -> {
            int i = hashes.indexOf(hash);
            know(hash, hashes.subList(Math.max(0, i - 10), i).toArray(String[]::new));
        });
        var ended = new ArrayList<String>();
        for (var ready = next(); !ready.isEmpty(); ready = next()) {
            atOnce(ready, hash -> end(hash, State.FETCHED));
            ended.addAll(ready);
        }
        assertEquals(hashes, ended);
        assertTrue(finish());
    }

    private static void atOnce(List<String> hashes, Consumer<String> act) throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var done : threads.invokeAll(hashes.stream()
                    .map(hash -> Executors.callable(() -> act.accept(hash)))
                    .toList())) {
                done.get();
            }
        }
    }

    private int circles() {
        return QuarkusTransaction.requiringNew().call(() -> paths.finishCycles(run));
    }

    @Test
    void stoppedImportResumesAndRetriesFailures() {
        want(A, B, C);
        end(A, State.FETCHED);
        end(B, State.FAILED);
        QuarkusTransaction.requiringNew().run(() -> imports.stop(run, "enough"));
        assertEquals(List.of(), next());
        assertEquals("enough", imports.find(cache.id(), run.id()).orElseThrow().note());
        assertEquals(run.id(), start().id());
        assertEquals(List.of(B, C), next());
    }

    @Test
    void finishedImportRestartsAndRunningOneContinues() {
        want(A);
        assertEquals(run.id(), start().id());
        end(A, State.FETCHED);
        assertEquals(List.of(), next());
        assertTrue(finish());
        run = start();
        assertTrue(run.running());
        want(A);
        assertEquals(List.of(A), next());
        assertEquals(1, imports.list(cache.id()).size());
        assertEquals(Optional.empty(), imports.find(tables.newCache().id(), run.id()));
    }
}
