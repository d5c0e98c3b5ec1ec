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
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job runs beside these tests, and may come first: they go on until what is to come has come. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class StoreScrubberTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Inject
    NarStore nars;

    @Inject
    StoreScrubber scrub;

    @Inject
    ScrubRows rows;

    @Inject
    ScrubConfig config;

    @Inject
    ScrubStats figures;

    @Inject
    StoreSweeper sweep;

    @Inject
    StoreFixture tables;

    private long domain;
    private byte[] nar;
    private long id;
    private Path file;

    @BeforeEach
    void aNarInAPack() throws IOException {
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

    private void doubt() {
        tables.run("UPDATE pack SET verified_at = '-infinity', check_after = NULL WHERE domain_id = " + domain);
    }

    private void scrubUntil(BooleanSupplier reached) {
        IndexWaiter.until(
                () -> {
                    scrub.run();
                    return reached.getAsBoolean();
                },
                PATIENCE);
    }

    private boolean packsAre(String... states) {
        return tables.packStates(domain).equals(List.of(states));
    }

    private String narState() {
        return tables.column("SELECT state FROM nar WHERE id = " + id).getFirst();
    }

    private void flip(long at) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void intactPackIsReadAndKept() {
        doubt();
        scrubUntil(() -> tables.number("SELECT count(*) FROM pack WHERE verified_at > now() - interval '1 minute'"
                        + " AND check_after IS NULL AND domain_id = " + domain)
                == 1);
        assertTrue(packsAre("L"));
        assertEquals("L", narState());
    }

    @Test
    void flippedBitIsDetectedAndRepairedByTheNextPush() throws Exception {
        var before = nars.find(id).orElseThrow();
        flip(350_000);
        doubt();
        scrubUntil(() -> packsAre("Q"));
        assertTrue(nars.find(id).isEmpty());
        var told = figures.query();
        assertTrue(told.damaged() > 0 && told.lost() > 0, told.toString());
        assertTrue(
                told.packs().stream()
                        .anyMatch(pack ->
                                file.endsWith(pack.path()) && pack.damage().contains("chunk")),
                told.toString());
        assertEquals(id, push(nar));
        assertTrue(packsAre("Q", "L"));
        assertNotEquals(before.encoding(), nars.find(id).orElseThrow().encoding());
        sweep.condemnPacks();
        assertTrue(packsAre("C", "L"), "nothing refers to the damaged pack any more");
    }

    @Test
    void everyPartOfAPackIsVerified() throws Exception {
        long size = Files.size(file);
        var expected = tables.column("SELECT crc32c FROM pack WHERE domain_id = " + domain);
        for (long at :
                new long[] {0, 5, 1000, size / 2, size - 600, size - 100, size - 60, size - 20, size - 5, size - 1}) {
            flip(at);
            assertThrows(DamagedException.class, () -> check(expected), "byte " + at + " of " + size);
            flip(at);
        }
        check(expected);
    }

    private void check(List<String> crc) throws IOException {
        try (var check = new PackVerifier(new ReadRateLimit(1L << 40, new AtomicBoolean()))) {
            check.verify(
                    nars.compressedContent(nars.find(id).orElseThrow()),
                    OptionalInt.of(Integer.parseInt(crc.getFirst())));
        }
    }

    @Test
    void missingPackIsReportedByReadersAndGivenUp() throws Exception {
        Files.delete(file);
        assertThrows(
                RuntimeException.class,
                () -> nars.compressedContent(nars.find(id).orElseThrow()));
        scrubUntil(() -> packsAre("Q"));
        assertEquals("B", narState());
        push(nar);
        assertEquals("L", narState());
    }

    @Test
    void damagedFramesAreReportedByReaders() throws Exception {
        flip(350_000);
        var content = nars.uncompressedContent(nars.find(id).orElseThrow());
        try (var in = content.open()) {
            assertThrows(DamagedException.class, in::readAllBytes);
        }
        scrubUntil(() -> packsAre("Q"));
    }

    @Test
    void truncatedPackIsDetectedByItsSize() throws Exception {
        Files.write(file, List.of("short"));
        tables.run("UPDATE pack SET seen_at = now() - interval '31 days' WHERE domain_id = " + domain);
        scrubUntil(() -> packsAre("Q"));
        assertTrue(tables.column("SELECT damage FROM pack WHERE domain_id = " + domain)
                .getFirst()
                .contains("in place of"));
    }

    @Test
    void restoredPackIsLiveAgain() throws Exception {
        var encoding = nars.find(id).orElseThrow().encoding();
        var whole = Files.readAllBytes(file);
        Files.delete(file);
        doubt();
        scrubUntil(() -> packsAre("Q"));
        Files.write(file, whole);
        // all that is wanted is older than any other pack, so only this one is read again
        tables.run("UPDATE pack SET verified_at = '2000-01-01' WHERE domain_id = " + domain);
        tables.run("UPDATE scrub SET wanted_at = '2000-01-02'");
        scrubUntil(() -> packsAre("L"));
        assertEquals(encoding, nars.find(id).orElseThrow().encoding());
    }

    @Test
    void unavailableStoreMarksNothingAsDamaged(@TempDir Path empty) throws Exception {
        push(NarFixture.flat(NarFixture.noise(domain + 1, 50_000)));
        var away = new StoreScrubber(rows, tables.backends("directory", new DirectoryBackend(empty)), config);
        IndexWaiter.until(
                () -> {
                    doubt();
                    try {
                        away.run();
                        return false;
                    } catch (IllegalStateException e) {
                        return e.getMessage().contains("None of the newest packs is in the store");
                    }
                },
                PATIENCE);
        assertTrue(packsAre("L", "L"));
        assertEquals("L", narState());
    }

    @Test
    void smallNarIsVerifiedInItsRow() throws Exception {
        long small = push(NarFixture.flat(NarFixture.text(domain, 2000)));
        tables.run(
                "UPDATE nar SET inline = overlay(inline placing '\\x00'::bytea from octet_length(inline) - 9) WHERE id = "
                        + small);
        tables.run("UPDATE scrub SET inline_after = " + (small - 1));
        scrubUntil(() -> nars.find(small).isEmpty());
        assertEquals(small, push(NarFixture.flat(NarFixture.text(domain, 2000))));
        assertTrue(nars.find(small).isPresent());
    }

    @Test
    void leastRecentlyVerifiedPacksAreReadFirstUpToTheDailyShare() {
        tables.run("UPDATE pack SET verified_at = '2000-01-01' WHERE domain_id = " + domain);
        tables.run("UPDATE scrub SET wanted_at = '1999-01-01', day = current_date, day_bytes = 1, day_budget = 1");
        scrub.run();
        assertEquals(1, tables.number(unread()));
        tables.run("UPDATE scrub SET day = '-infinity'");
        scrubUntil(() -> tables.number(unread()) == 0);
        var told = figures.query();
        assertTrue(told.bytesToday() >= 700_000, told.toString());
        var all = tables.number("SELECT sum(bytes) FROM pack WHERE state = 'L'");
        assertTrue(told.shareToday() <= all / 30 + 1, "the daily share is a small part of the store");
        scrub.run();
        assertTrue(packsAre("L"));
    }

    private String unread() {
        return "SELECT count(*) FROM pack WHERE verified_at < '2000-01-02' AND verified_at > '-infinity' AND domain_id = "
                + domain;
    }
}
