package dev.narthex.store.upkeep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.nix.NixHash;
import dev.narthex.store.NarRows;
import dev.narthex.store.NarStore;
import dev.narthex.store.support.ConcurrentTransaction;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.SharedPackFixture;
import dev.narthex.store.support.StoreFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests packs that are only partly referenced. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackRepackerTest {
    private static final int NAR_SIZE = 6 << 20;

    @Inject
    NarStore nars;

    @Inject
    NarRows rows;

    @Inject
    PackRepacker repacker;

    @Inject
    StoreSweeper sweeper;

    @Inject
    StoreFixture tables;

    @Inject
    DataSource source;

    private long domain;
    private byte[] bytes;
    private long wholeNar;
    private long pack;

    @BeforeEach
    void createOldPack() throws IOException {
        domain = tables.newDomain();
        bytes = NarFixture.flat(NarFixture.noise(domain, NAR_SIZE));
        try (var staged = nars.stage(new ByteArrayInputStream(bytes), domain)) {
            wholeNar = QuarkusTransaction.requiringNew().call(staged::link);
        }
        pack = tables.queryNumber("SELECT id FROM pack WHERE domain_id = " + domain);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE id = " + pack);
    }

    /** Adds a NAR that consists of some chunks of the pack. */
    private long addNarWithChunks(int... chunks) throws IOException {
        var part = partOf(chunks);
        tables.run(insertStatement(part));
        return findId(part);
    }

    private SharedPackFixture partOf(int... chunks) throws IOException {
        var frames = rows.findFrames(nars.find(wholeNar).orElseThrow()).orElseThrow();
        return SharedPackFixture.of(bytes, frames.chunkLengths(), domain, pack, chunks);
    }

    /** Returns the statement with which a push records the NAR. */
    private String insertStatement(SharedPackFixture part) {
        return "WITH n AS (INSERT INTO nar (" + SharedPackFixture.COLUMNS + ") VALUES (" + part.values()
                + ") RETURNING id) INSERT INTO pack_ref (pack_id, nar_id) SELECT " + pack + ", id FROM n";
    }

    private long findId(SharedPackFixture part) {
        return tables.queryNumber("SELECT id FROM nar WHERE domain_id = " + domain + " AND nar_hash = '\\x"
                + part.hash().hex() + "'");
    }

    private byte[] readUncompressed(long nar) throws IOException {
        try (var in = nars.uncompressedContent(nars.find(nar).orElseThrow()).open()) {
            return in.readAllBytes();
        }
    }

    private byte[] readCompressed(long nar) throws IOException {
        try (var in = nars.compressedContent(nars.find(nar).orElseThrow()).open()) {
            return in.readAllBytes();
        }
    }

    @Test
    void referencedChunksAreCopiedAndTheRestDeleted() throws IOException {
        long firstNar = addNarWithChunks(1, 2, 5);
        long secondNar = addNarWithChunks(5, 2, 9);
        var before = List.of(
                readUncompressed(firstNar),
                readCompressed(firstNar),
                readUncompressed(secondNar),
                readCompressed(secondNar));
        var encoding = nars.find(firstNar).orElseThrow().encoding();
        tables.run("DELETE FROM nar WHERE id = " + wholeNar);
        assertEquals(1, repacker.run());
        assertEquals(List.of("C", "L"), tables.packStates(domain));
        var after = List.of(
                readUncompressed(firstNar),
                readCompressed(firstNar),
                readUncompressed(secondNar),
                readCompressed(secondNar));
        for (int i = 0; i < before.size(); i++) {
            assertArrayEquals(before.get(i), after.get(i));
        }
        assertEquals(encoding, nars.find(firstNar).orElseThrow().encoding());
        assertEquals(4, tables.readFooters(domain).getLast().chunkCount());
        tables.run("UPDATE pack SET next_try = now() WHERE id = " + pack);
        sweeper.run();
        assertEquals(List.of("L"), tables.packStates(domain));
        assertArrayEquals(before.getFirst(), readUncompressed(firstNar));
        assertEquals(0, repacker.run());
    }

    @Test
    void fullyReferencedPackIsKept() throws IOException {
        addNarWithChunks(1);
        assertEquals(0, repacker.run());
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void youngPackIsKept() throws IOException {
        addNarWithChunks(1);
        tables.run("DELETE FROM nar WHERE id = " + wholeNar);
        tables.run("UPDATE pack SET created_at = now() WHERE id = " + pack);
        assertEquals(0, repacker.run());
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void packReferencedDuringRepackIsKept() throws Exception {
        long firstNar = addNarWithChunks(1);
        var part = partOf(2, 5);
        tables.run("DELETE FROM nar WHERE id = " + wholeNar);
        try (var push = new ConcurrentTransaction(source)) {
            push.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
            push.execute(insertStatement(part));
            var repacked = ConcurrentTransaction.runAsync(repacker::run);
            push.awaitBlocked(1);
            push.commit();
            assertEquals(0, repacked.join());
        }
        assertEquals("L", tables.packStates(domain).getFirst());
        assertEquals(1, repacker.run(), "copies the chunks of both NARs");
        assertEquals(part.size(), readUncompressed(findId(part)).length);
        assertEquals(NixHash.sha256(readUncompressed(findId(part))), part.hash());
        assertTrue(readUncompressed(firstNar).length > 0);
    }

    @Test
    void laterPushFindsThePackCondemned() throws Exception {
        addNarWithChunks(1);
        tables.run("DELETE FROM nar WHERE id = " + wholeNar);
        try (var blocker = new ConcurrentTransaction(source)) {
            blocker.execute("SELECT 1 FROM pack_ref WHERE pack_id = " + pack + " FOR UPDATE");
            var repacked = ConcurrentTransaction.runAsync(repacker::run);
            blocker.awaitBlocked(1);
            var push = ConcurrentTransaction.runAsync(
                    () -> tables.queryColumn("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE"));
            blocker.awaitBlocked(2);
            blocker.rollback();
            assertEquals(1, repacked.join());
            assertEquals(List.of(), push.join());
        }
    }

    @Test
    void narDeletedDuringRepackIsNotCopied() throws Exception {
        long firstNar = addNarWithChunks(1, 2);
        long secondNar = addNarWithChunks(2, 5);
        tables.run("DELETE FROM nar WHERE id = " + wholeNar);
        try (var deletion = new ConcurrentTransaction(source)) {
            deletion.execute("DELETE FROM nar WHERE id = " + firstNar);
            var repacked = ConcurrentTransaction.runAsync(repacker::run);
            deletion.awaitBlocked(1);
            deletion.commit();
            assertEquals(0, repacked.join());
        }
        assertEquals("L", tables.packStates(domain).getFirst());
        assertEquals(1, repacker.run());
        assertEquals(2, tables.readFooters(domain).getLast().chunkCount());
        assertTrue(readUncompressed(secondNar).length > 0);
    }

    @Test
    void narDeletedAfterRepackIsRemovedFromTheCopy() throws Exception {
        long firstNar = addNarWithChunks(1, 2);
        long secondNar = addNarWithChunks(2, 5);
        tables.run("DELETE FROM nar WHERE id = " + wholeNar);
        try (var blocker = new ConcurrentTransaction(source)) {
            blocker.execute(
                    "SELECT 1 FROM pack_ref WHERE pack_id = " + pack + " AND nar_id = " + secondNar + " FOR UPDATE");
            var repacked = ConcurrentTransaction.runAsync(repacker::run);
            blocker.awaitBlocked(1);
            var deletion = ConcurrentTransaction.runAsync(() -> {
                tables.run("DELETE FROM nar WHERE id = " + firstNar);
                return true;
            });
            blocker.awaitBlocked(2);
            blocker.rollback();
            assertEquals(1, repacked.join());
            deletion.join();
        }
        assertEquals(List.of("C", "L"), tables.packStates(domain));
        assertEquals(
                1,
                tables.queryNumber(
                        "SELECT count(*) FROM pack_ref r JOIN pack p ON p.id = r.pack_id WHERE p.domain_id = "
                                + domain));
        assertTrue(readUncompressed(secondNar).length > 0);
    }
}
