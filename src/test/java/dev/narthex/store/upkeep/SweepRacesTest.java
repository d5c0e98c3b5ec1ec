package dev.narthex.store.upkeep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.NarStore;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.StagedNar;
import dev.narthex.store.support.ConcurrentTransaction;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pushes against the sweep, in every order that two connections can meet in. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SweepRacesTest {
    @Inject
    NarStore nars;

    @Inject
    StoreSweeper sweep;

    @Inject
    PendingUploads uploads;

    @Inject
    StoreFixture tables;

    @Inject
    DataSource source;

    private long domain;
    private long cache;
    private long nar;
    private ConcurrentTransaction other;

    @BeforeEach
    void anUnusedNarAndAnotherConnection() throws Exception {
        domain = tables.newDomain();
        cache = tables.newCache(domain);
        try (var staged = stage()) {
            nar = inTransaction(staged::link);
        }
        tables.run("UPDATE nar SET created_at = now() - interval '2 hours' WHERE id = " + nar);
        other = new ConcurrentTransaction(source);
    }

    @AfterEach
    void close() throws Exception {
        other.close();
    }

    @Test
    void linkedNarIsSkipped() throws Exception {
        try (var staged = stage()) {
            QuarkusTransaction.begin();
            long id = staged.link();
            elsewhere(sweep::deleteNars);
            uploads.recordUpload(cache, "a.nar", id);
            QuarkusTransaction.commit();
            assertEquals(nar, id);
        }
        sweep.deleteNars();
        assertTrue(nars.find(nar).isPresent());
    }

    @Test
    void lockedNarIsSkipped() {
        QuarkusTransaction.begin();
        assertTrue(nars.lockAgainstGc(nar));
        elsewhere(sweep::deleteNars);
        assertTrue(nars.find(nar).isPresent());
        QuarkusTransaction.rollback();
        sweep.deleteNars();
        assertFalse(inTransaction(() -> nars.lockAgainstGc(nar)));
    }

    @Test
    void pushThatRacesWithDeletionMustRetry() throws Exception {
        try (var staged = stage()) {
            other.execute("DELETE FROM nar WHERE id = " + nar);
            assertToldToSendItAgain(staged);
        }
    }

    @Test
    void pushWithItsOwnBytesSurvivesDeletionOfTheOldNar() throws Exception {
        tables.run("UPDATE nar SET state = 'B' WHERE id = " + nar);
        try (var staged = stage()) {
            tables.run("UPDATE nar SET state = 'L' WHERE id = " + nar);
            other.execute("DELETE FROM nar WHERE id = " + nar);
            var link = ConcurrentTransaction.meanwhile(() -> inTransaction(staged::link));
            other.awaitBlocked(1);
            other.commit();
            long id = link.join();
            assertNotEquals(nar, id);
            assertTrue(nars.compressedContent(nars.find(id).orElseThrow()).length() > 0);
        }
    }

    @Test
    void secondPushWaitsForTheFirst() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var first = stage();
                var second = stage()) {
            QuarkusTransaction.begin();
            long id = first.link();
            var link = ConcurrentTransaction.meanwhile(() -> inTransaction(second::link));
            other.awaitBlocked(1);
            QuarkusTransaction.commit();
            assertEquals(id, link.join());
        }
        assertEquals(2, tables.files(domain));
        assertEquals(1, packsInUse());
    }

    @Test
    void secondPushSucceedsAfterARollbackOfTheFirst() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var first = stage();
                var second = stage()) {
            QuarkusTransaction.begin();
            first.link();
            var link = ConcurrentTransaction.meanwhile(() -> inTransaction(second::link));
            other.awaitBlocked(1);
            QuarkusTransaction.rollback();
            assertTrue(nars.find(link.join()).isPresent());
        }
    }

    @Test
    void lateWriterBeforeTheSweepKeepsItsPack() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var staged = stage()) {
            tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE state = 'W' AND domain_id = "
                    + domain);
            QuarkusTransaction.begin();
            long id = staged.link();
            elsewhere(sweep::condemnExpiredLeases);
            QuarkusTransaction.commit();
            sweep.condemnExpiredLeases();
            assertTrue(nars.compressedContent(nars.find(id).orElseThrow()).length() > 0);
        }
        assertEquals(1, packsInUse());
    }

    @Test
    void lateWriterAfterTheSweepMustRetry() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var staged = stage()) {
            other.execute("UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(), next_try = now()"
                    + " WHERE state = 'W' AND domain_id = " + domain);
            assertToldToSendItAgain(staged);
        }
        assertEquals(0, tables.number("SELECT count(*) FROM nar WHERE domain_id = " + domain));
    }

    @Test
    void packReferencedByAPushIsNotCondemned() throws Exception {
        long pack = unreferencedPack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
        other.execute("INSERT INTO pack_ref (pack_id, nar_id) VALUES (" + pack + ", " + nar + ")");
        sweep.condemnPacks();
        sweep.condemnPacksByScan();
        other.commit();
        sweep.condemnPacks();
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void packReleasedByAPushIsQueuedAgain() throws Exception {
        long pack = unreferencedPack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
        sweep.condemnPacks();
        other.rollback();
        assertEquals(List.of("L"), tables.packStates(domain));
        sweep.condemnPacks();
        assertEquals(List.of("C"), tables.packStates(domain));
    }

    @Test
    void laterPushFindsThePackCondemned() throws Exception {
        long pack = unreferencedPack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " FOR UPDATE");
        var push = ConcurrentTransaction.meanwhile(
                () -> tables.column("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE"));
        other.awaitBlocked(1);
        other.execute(
                "UPDATE pack SET state = 'C', condemned_at = now(), next_try = now() + interval '1 day' WHERE id = "
                        + pack);
        other.commit();
        assertEquals(List.of(), push.join());
    }

    /** Why the sweep needs its second statement: asked once only, the question is answered by an old snapshot. */
    @Test
    void singleStatementWouldCondemnAReferencedPack() throws Exception {
        long pack = unreferencedPack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
        other.execute("INSERT INTO pack_ref (pack_id, nar_id) VALUES (" + pack + ", " + nar + ")");
        var once = CompletableFuture.runAsync(() -> tables.run("""
                UPDATE pack SET state = 'C', condemned_at = now() WHERE id IN (SELECT p.id FROM pack p WHERE p.id = %d
                AND NOT EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id))""".formatted(pack)));
        other.awaitBlocked(1);
        other.commit();
        once.join();
        assertEquals(List.of("C"), tables.packStates(domain));
    }

    /** It waits for the rival, who then commits. */
    private void assertToldToSendItAgain(StagedNar staged) throws Exception {
        var link = ConcurrentTransaction.meanwhile(() -> inTransaction(staged::link));
        other.awaitBlocked(1);
        other.commit();
        var thrown = assertThrows(CompletionException.class, link::join);
        var refused = assertInstanceOf(ProblemException.class, thrown.getCause());
        assertInstanceOf(Problem.Unavailable.class, refused.problem());
    }

    private long packsInUse() {
        return tables.number("SELECT count(*) FROM pack WHERE state = 'L' AND id IN"
                + " (SELECT pack_id FROM pack_ref) AND domain_id = " + domain);
    }

    private long unreferencedPack() {
        long pack = tables.number("SELECT id FROM pack WHERE domain_id = " + domain);
        tables.run("DELETE FROM pack_ref WHERE pack_id = " + pack);
        return pack;
    }

    private StagedNar stage() throws IOException {
        return nars.stage(new ByteArrayInputStream(NarFixture.flat(NarFixture.noise(1, 100_000))), domain);
    }

    private static <T> T inTransaction(Supplier<T> work) {
        return QuarkusTransaction.requiringNew().call(work::get);
    }

    private static void elsewhere(Supplier<?> work) {
        ConcurrentTransaction.meanwhile(work).join();
    }
}
