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

/** Pushes race with the sweeper, in every order of two connections. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SweepRacesTest {
    @Inject
    NarStore nars;

    @Inject
    StoreSweeper sweeper;

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
    void createUnusedNarAndConnection() throws Exception {
        domain = tables.newDomain();
        cache = tables.newCache(domain);
        try (var staged = stage()) {
            nar = inTransaction(staged::link);
        }
        tables.run("UPDATE nar SET created_at = now() - interval '2 hours' WHERE id = " + nar);
        other = new ConcurrentTransaction(source);
    }

    @AfterEach
    void closeConnection() throws Exception {
        other.close();
    }

    @Test
    void linkedNarIsSkipped() throws Exception {
        try (var staged = stage()) {
            QuarkusTransaction.begin();
            long id = staged.link();
            runInOtherTransaction(sweeper::deleteNars);
            uploads.recordUpload(cache, "a.nar", id);
            QuarkusTransaction.commit();
            assertEquals(nar, id);
        }
        sweeper.deleteNars();
        assertTrue(nars.find(nar).isPresent());
    }

    @Test
    void lockedNarIsSkipped() {
        QuarkusTransaction.begin();
        assertTrue(nars.lockAgainstGc(nar));
        runInOtherTransaction(sweeper::deleteNars);
        assertTrue(nars.find(nar).isPresent());
        QuarkusTransaction.rollback();
        sweeper.deleteNars();
        assertFalse(inTransaction(() -> nars.lockAgainstGc(nar)));
    }

    @Test
    void pushThatRacesWithDeletionMustRetry() throws Exception {
        try (var staged = stage()) {
            other.execute("DELETE FROM nar WHERE id = " + nar);
            assertPushMustBeRepeated(staged);
        }
    }

    @Test
    void pushWithItsOwnBytesSurvivesDeletionOfTheOldNar() throws Exception {
        tables.run("UPDATE nar SET state = 'B' WHERE id = " + nar);
        try (var staged = stage()) {
            tables.run("UPDATE nar SET state = 'L' WHERE id = " + nar);
            other.execute("DELETE FROM nar WHERE id = " + nar);
            var link = ConcurrentTransaction.runAsync(() -> inTransaction(staged::link));
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
            var link = ConcurrentTransaction.runAsync(() -> inTransaction(second::link));
            other.awaitBlocked(1);
            QuarkusTransaction.commit();
            assertEquals(id, link.join());
        }
        assertEquals(2, tables.countFiles(domain));
        assertEquals(1, countPacksInUse());
    }

    @Test
    void secondPushSucceedsAfterARollbackOfTheFirst() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var first = stage();
                var second = stage()) {
            QuarkusTransaction.begin();
            first.link();
            var link = ConcurrentTransaction.runAsync(() -> inTransaction(second::link));
            other.awaitBlocked(1);
            QuarkusTransaction.rollback();
            assertTrue(nars.find(link.join()).isPresent());
        }
    }

    @Test
    void writerThatCommitsBeforeTheSweepKeepsItsPack() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var staged = stage()) {
            tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE state = 'W' AND domain_id = "
                    + domain);
            QuarkusTransaction.begin();
            long id = staged.link();
            runInOtherTransaction(sweeper::condemnExpiredLeases);
            QuarkusTransaction.commit();
            sweeper.condemnExpiredLeases();
            assertTrue(nars.compressedContent(nars.find(id).orElseThrow()).length() > 0);
        }
        assertEquals(1, countPacksInUse());
    }

    @Test
    void writerThatCommitsAfterTheSweepMustRetry() throws Exception {
        tables.run("DELETE FROM nar WHERE id = " + nar);
        try (var staged = stage()) {
            other.execute("UPDATE pack SET state = 'C', lease_until = NULL, condemned_at = now(), next_try = now()"
                    + " WHERE state = 'W' AND domain_id = " + domain);
            assertPushMustBeRepeated(staged);
        }
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM nar WHERE domain_id = " + domain));
    }

    @Test
    void packReferencedByAPushIsNotCondemned() throws Exception {
        long pack = unreferencePack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
        other.execute("INSERT INTO pack_ref (pack_id, nar_id) VALUES (" + pack + ", " + nar + ")");
        sweeper.condemnPacks();
        sweeper.condemnPacksByScan();
        other.commit();
        sweeper.condemnPacks();
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void packReleasedByARolledBackPushIsQueuedAgain() throws Exception {
        long pack = unreferencePack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
        sweeper.condemnPacks();
        other.rollback();
        assertEquals(List.of("L"), tables.packStates(domain));
        sweeper.condemnPacks();
        assertEquals(List.of("C"), tables.packStates(domain));
    }

    @Test
    void laterPushFindsThePackCondemned() throws Exception {
        long pack = unreferencePack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " FOR UPDATE");
        var push = ConcurrentTransaction.runAsync(
                () -> tables.queryColumn("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE"));
        other.awaitBlocked(1);
        other.execute(
                "UPDATE pack SET state = 'C', condemned_at = now(), next_try = now() + interval '1 day' WHERE id = "
                        + pack);
        other.commit();
        assertEquals(List.of(), push.join());
    }

    /** Shows why the sweeper needs a second statement: a single statement would use an old snapshot. */
    @Test
    void singleStatementCondemnsAReferencedPack() throws Exception {
        long pack = unreferencePack();
        other.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
        other.execute("INSERT INTO pack_ref (pack_id, nar_id) VALUES (" + pack + ", " + nar + ")");
        var statement = CompletableFuture.runAsync(() -> tables.run("""
                UPDATE pack SET state = 'C', condemned_at = now() WHERE id IN (SELECT p.id FROM pack p WHERE p.id = %d
                AND NOT EXISTS (SELECT 1 FROM pack_ref r WHERE r.pack_id = p.id))""".formatted(pack)));
        other.awaitBlocked(1);
        other.commit();
        statement.join();
        assertEquals(List.of("C"), tables.packStates(domain));
    }

    /** The push waits for the concurrent transaction, which then commits, and is refused. */
    private void assertPushMustBeRepeated(StagedNar staged) throws Exception {
        var link = ConcurrentTransaction.runAsync(() -> inTransaction(staged::link));
        other.awaitBlocked(1);
        other.commit();
        var failure = assertThrows(CompletionException.class, link::join);
        var error = assertInstanceOf(ProblemException.class, failure.getCause());
        assertInstanceOf(Problem.Unavailable.class, error.problem());
    }

    private long countPacksInUse() {
        return tables.queryNumber("SELECT count(*) FROM pack WHERE state = 'L' AND id IN"
                + " (SELECT pack_id FROM pack_ref) AND domain_id = " + domain);
    }

    private long unreferencePack() {
        long pack = tables.queryNumber("SELECT id FROM pack WHERE domain_id = " + domain);
        tables.run("DELETE FROM pack_ref WHERE pack_id = " + pack);
        return pack;
    }

    private StagedNar stage() throws IOException {
        return nars.stage(new ByteArrayInputStream(NarFixture.flat(NarFixture.noise(1, 100_000))), domain);
    }

    private static <T> T inTransaction(Supplier<T> work) {
        return QuarkusTransaction.requiringNew().call(work::get);
    }

    private static void runInOtherTransaction(Supplier<?> work) {
        ConcurrentTransaction.runAsync(work).join();
    }
}
