package dev.narthex.store.upkeep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.store.NarStore;
import dev.narthex.store.directory.DirectoryBackend;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application's scrub job runs concurrently, so tests repeat scrubbing until the expected effect. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class StoreScrubberTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @Inject
    NarStore nars;

    @Inject
    StoreScrubber scrubber;

    @Inject
    ScrubRows rows;

    @Inject
    ScrubConfig config;

    @Inject
    ScrubStats stats;

    @Inject
    StoreSweeper sweeper;

    @Inject
    StoreFixture tables;

    private long domain;
    private byte[] nar;
    private long id;
    private Path file;

    @BeforeEach
    void createNarInPack() throws IOException {
        domain = tables.newDomain();
        nar = NarFixture.flat(NarFixture.noise(domain, 700_000));
        id = push(nar);
        file = nars.compressedContent(nars.find(id).orElseThrow())
                .file()
                .orElseThrow()
                .path();
    }

    private long push(byte[] bytes) throws IOException {
        try (var staged = nars.stage(new ByteArrayInputStream(bytes), domain)) {
            return QuarkusTransaction.requiringNew().call(staged::link);
        }
    }

    private void markUnverified() {
        tables.run("UPDATE pack SET verified_at = '-infinity', check_after = NULL WHERE domain_id = " + domain);
    }

    private void scrubUntil(BooleanSupplier condition) {
        IndexWaiter.until(
                () -> {
                    scrubber.run();
                    return condition.getAsBoolean();
                },
                TIMEOUT);
    }

    private boolean hasPackStates(String... states) {
        return tables.packStates(domain).equals(List.of(states));
    }

    private String narState() {
        return tables.queryColumn("SELECT state FROM nar WHERE id = " + id).getFirst();
    }

    private void flipBit(long offset) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[(int) offset] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void intactPackIsReadAndKept() {
        markUnverified();
        scrubUntil(() -> tables.queryNumber("SELECT count(*) FROM pack WHERE verified_at > now() - interval '1 minute'"
                        + " AND check_after IS NULL AND domain_id = " + domain)
                == 1);
        assertTrue(hasPackStates("L"));
        assertEquals("L", narState());
    }

    @Test
    void flippedBitIsDetectedAndRepairedByTheNextPush() throws Exception {
        var before = nars.find(id).orElseThrow();
        flipBit(350_000);
        markUnverified();
        scrubUntil(() -> hasPackStates("Q"));
        assertTrue(nars.find(id).isEmpty());
        var current = stats.query();
        assertTrue(current.damaged() > 0 && current.lost() > 0, current.toString());
        assertTrue(
                current.packs().stream()
                        .anyMatch(pack ->
                                file.endsWith(pack.path()) && pack.damage().contains("chunk")),
                current.toString());
        assertEquals(id, push(nar));
        assertTrue(hasPackStates("Q", "L"));
        assertNotEquals(before.encoding(), nars.find(id).orElseThrow().encoding());
        sweeper.condemnPacks();
        assertTrue(hasPackStates("C", "L"), "the damaged pack is not referenced any more");
    }

    @Test
    void everyPartOfAPackIsVerified() throws Exception {
        long size = Files.size(file);
        var expected = tables.queryColumn("SELECT crc32c FROM pack WHERE domain_id = " + domain);
        for (long offset :
                new long[] {0, 5, 1000, size / 2, size - 600, size - 100, size - 60, size - 20, size - 5, size - 1}) {
            flipBit(offset);
            assertThrows(DamagedException.class, () -> verify(expected), "byte " + offset + " of " + size);
            flipBit(offset);
        }
        verify(expected);
    }

    private void verify(List<String> checksums) throws IOException {
        try (var verifier = new PackVerifier(new ReadRateLimit(1L << 40, new AtomicBoolean()))) {
            verifier.verify(
                    nars.compressedContent(nars.find(id).orElseThrow()),
                    Optional.of(Integer.parseInt(checksums.getFirst())));
        }
    }

    @Test
    void missingPackIsReportedByReadersAndMarkedDamaged() throws Exception {
        Files.delete(file);
        assertThrows(
                RuntimeException.class,
                () -> nars.compressedContent(nars.find(id).orElseThrow()));
        scrubUntil(() -> hasPackStates("Q"));
        assertEquals("B", narState());
        push(nar);
        assertEquals("L", narState());
    }

    @Test
    void damagedFramesAreReportedByReaders() throws Exception {
        flipBit(350_000);
        var content = nars.uncompressedContent(nars.find(id).orElseThrow());
        try (var in = content.open()) {
            assertThrows(DamagedException.class, in::readAllBytes);
        }
        scrubUntil(() -> hasPackStates("Q"));
    }

    @Test
    void truncatedPackIsDetectedByItsSize() throws Exception {
        Files.write(file, List.of("short"));
        tables.run("UPDATE pack SET seen_at = now() - interval '31 days' WHERE domain_id = " + domain);
        scrubUntil(() -> hasPackStates("Q"));
        assertTrue(tables.queryColumn("SELECT damage FROM pack WHERE domain_id = " + domain)
                .getFirst()
                .contains("in place of"));
    }

    @Test
    void restoredPackIsLiveAgain() throws Exception {
        var encoding = nars.find(id).orElseThrow().encoding();
        var original = Files.readAllBytes(file);
        Files.delete(file);
        markUnverified();
        scrubUntil(() -> hasPackStates("Q"));
        Files.write(file, original);
        // the packs of this test are the oldest, so only this one is read again
        tables.run("UPDATE pack SET verified_at = '2000-01-01' WHERE domain_id = " + domain);
        tables.run("UPDATE scrub SET wanted_at = '2000-01-02'");
        scrubUntil(() -> hasPackStates("L"));
        assertEquals(encoding, nars.find(id).orElseThrow().encoding());
    }

    @Test
    void unavailableStoreMarksNothingAsDamaged(@TempDir Path empty) throws Exception {
        push(NarFixture.flat(NarFixture.noise(domain + 1, 50_000)));
        var scrubberWithEmptyStore =
                new StoreScrubber(rows, tables.backends("directory", new DirectoryBackend(empty)), config);
        IndexWaiter.until(
                () -> {
                    markUnverified();
                    try {
                        scrubberWithEmptyStore.run();
                        return false;
                    } catch (IllegalStateException e) {
                        return e.getMessage().contains("None of the newest packs is in the store");
                    }
                },
                TIMEOUT);
        assertTrue(hasPackStates("L", "L"));
        assertEquals("L", narState());
    }

    @Test
    void smallNarIsVerifiedInItsRow() throws Exception {
        long smallNar = push(NarFixture.flat(NarFixture.text(domain, 2000)));
        tables.run(
                "UPDATE nar SET inline = overlay(inline placing '\\x00'::bytea from octet_length(inline) - 9) WHERE id = "
                        + smallNar);
        tables.run("UPDATE scrub SET inline_after = " + (smallNar - 1));
        scrubUntil(() -> nars.find(smallNar).isEmpty());
        assertEquals(smallNar, push(NarFixture.flat(NarFixture.text(domain, 2000))));
        assertTrue(nars.find(smallNar).isPresent());
    }

    @Test
    void leastRecentlyVerifiedPacksAreReadFirstUpToTheDailyShare() {
        tables.run("UPDATE pack SET verified_at = '2000-01-01' WHERE domain_id = " + domain);
        tables.run("UPDATE scrub SET wanted_at = '1999-01-01', day = current_date, day_bytes = 1, day_budget = 1");
        scrubber.run();
        assertEquals(1, tables.queryNumber(unverifiedPacksQuery()));
        tables.run("UPDATE scrub SET day = '-infinity'");
        scrubUntil(() -> tables.queryNumber(unverifiedPacksQuery()) == 0);
        var current = stats.query();
        assertTrue(current.bytesToday() >= 700_000, current.toString());
        var totalBytes = tables.queryNumber("SELECT sum(bytes) FROM pack WHERE state = 'L'");
        assertTrue(current.shareToday() <= totalBytes / 30 + 1, "the daily share is a small part of the store");
        scrubber.run();
        assertTrue(hasPackStates("L"));
    }

    private String unverifiedPacksQuery() {
        return "SELECT count(*) FROM pack WHERE verified_at < '2000-01-02' AND verified_at > '-infinity' AND domain_id = "
                + domain;
    }
}
