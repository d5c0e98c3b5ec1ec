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

/** Packs of which a part is still wanted. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackRepackerTest {
    private static final int SIZE = 6 << 20;

    @Inject
    NarStore nars;

    @Inject
    NarRows rows;

    @Inject
    PackRepacker repack;

    @Inject
    StoreSweeper sweep;

    @Inject
    StoreFixture tables;

    @Inject
    DataSource source;

    private long domain;
    private byte[] bytes;
    private long whole;
    private long pack;

    @BeforeEach
    void anOldPack() throws IOException {
        domain = tables.newDomain();
        bytes = NarFixture.flat(NarFixture.noise(domain, SIZE));
        try (var staged = nars.stage(new ByteArrayInputStream(bytes), domain)) {
            whole = QuarkusTransaction.requiringNew().call(staged::link);
        }
        pack = tables.number("SELECT id FROM pack WHERE domain_id = " + domain);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE id = " + pack);
    }

    /** A NAR of some chunks of the pack, as a NAR that shares them. */
    private long sharing(int... chunks) throws IOException {
        var part = part(chunks);
        tables.run(referring(part));
        return id(part);
    }

    private SharedPackFixture part(int... chunks) throws IOException {
        var frames = rows.findFrames(nars.find(whole).orElseThrow()).orElseThrow();
        return SharedPackFixture.of(bytes, frames.chunkLengths(), domain, pack, chunks);
    }

    /** The statement of a push that enters it. */
    private String referring(SharedPackFixture part) {
        return "WITH n AS (INSERT INTO nar (" + SharedPackFixture.COLUMNS + ") VALUES (" + part.values()
                + ") RETURNING id) INSERT INTO pack_ref (pack_id, nar_id) SELECT " + pack + ", id FROM n";
    }

    private long id(SharedPackFixture part) {
        return tables.number("SELECT id FROM nar WHERE domain_id = " + domain + " AND nar_hash = '\\x"
                + part.hash().hex() + "'");
    }

    private byte[] bytes(long nar) throws IOException {
        try (var in = nars.uncompressedContent(nars.find(nar).orElseThrow()).open()) {
            return in.readAllBytes();
        }
    }

    private byte[] served(long nar) throws IOException {
        try (var in = nars.compressedContent(nars.find(nar).orElseThrow()).open()) {
            return in.readAllBytes();
        }
    }

    @Test
    void referencedChunksAreCopiedAndTheRestDeleted() throws IOException {
        long one = sharing(1, 2, 5);
        long two = sharing(5, 2, 9);
        var before = List.of(bytes(one), served(one), bytes(two), served(two));
        var encoding = nars.find(one).orElseThrow().encoding();
        tables.run("DELETE FROM nar WHERE id = " + whole);
        assertEquals(1, repack.run());
        assertEquals(List.of("C", "L"), tables.packStates(domain));
        var after = List.of(bytes(one), served(one), bytes(two), served(two));
        for (int i = 0; i < before.size(); i++) {
            assertArrayEquals(before.get(i), after.get(i));
        }
        assertEquals(encoding, nars.find(one).orElseThrow().encoding());
        assertEquals(4, tables.footers(domain).getLast().chunkCount());
        tables.run("UPDATE pack SET next_try = now() WHERE id = " + pack);
        sweep.run();
        assertEquals(List.of("L"), tables.packStates(domain));
        assertArrayEquals(before.getFirst(), bytes(one));
        assertEquals(0, repack.run());
    }

    @Test
    void fullyReferencedPackIsKept() throws IOException {
        sharing(1);
        assertEquals(0, repack.run());
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void youngPackIsKept() throws IOException {
        sharing(1);
        tables.run("DELETE FROM nar WHERE id = " + whole);
        tables.run("UPDATE pack SET created_at = now() WHERE id = " + pack);
        assertEquals(0, repack.run());
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void packReferencedMeanwhileIsKept() throws Exception {
        long one = sharing(1);
        var part = part(2, 5);
        tables.run("DELETE FROM nar WHERE id = " + whole);
        try (var push = new ConcurrentTransaction(source)) {
            push.execute("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE");
            push.execute(referring(part));
            var copied = ConcurrentTransaction.meanwhile(repack::run);
            push.awaitBlocked(1);
            push.commit();
            assertEquals(0, copied.join());
        }
        assertEquals("L", tables.packStates(domain).getFirst());
        assertEquals(1, repack.run(), "with both");
        assertEquals(part.size(), bytes(id(part)).length);
        assertEquals(NixHash.sha256(bytes(id(part))), part.hash());
        assertTrue(bytes(one).length > 0);
    }

    @Test
    void laterPushFindsThePackCondemned() throws Exception {
        sharing(1);
        tables.run("DELETE FROM nar WHERE id = " + whole);
        try (var late = new ConcurrentTransaction(source)) {
            late.execute("SELECT 1 FROM pack_ref WHERE pack_id = " + pack + " FOR UPDATE");
            var copied = ConcurrentTransaction.meanwhile(repack::run);
            late.awaitBlocked(1);
            var push = ConcurrentTransaction.meanwhile(
                    () -> tables.column("SELECT id FROM pack WHERE id = " + pack + " AND state = 'L' FOR SHARE"));
            late.awaitBlocked(2);
            late.rollback();
            assertEquals(1, copied.join());
            assertEquals(List.of(), push.join());
        }
    }

    @Test
    void narDeletedMeanwhileIsNotCopied() throws Exception {
        long one = sharing(1, 2);
        long two = sharing(2, 5);
        tables.run("DELETE FROM nar WHERE id = " + whole);
        try (var deletion = new ConcurrentTransaction(source)) {
            deletion.execute("DELETE FROM nar WHERE id = " + one);
            var copied = ConcurrentTransaction.meanwhile(repack::run);
            deletion.awaitBlocked(1);
            deletion.commit();
            assertEquals(0, copied.join());
        }
        assertEquals("L", tables.packStates(domain).getFirst());
        assertEquals(1, repack.run());
        assertEquals(2, tables.footers(domain).getLast().chunkCount());
        assertTrue(bytes(two).length > 0);
    }

    @Test
    void narDeletedAfterwardsIsRemovedFromTheCopy() throws Exception {
        long one = sharing(1, 2);
        long two = sharing(2, 5);
        tables.run("DELETE FROM nar WHERE id = " + whole);
        try (var late = new ConcurrentTransaction(source)) {
            late.execute("SELECT 1 FROM pack_ref WHERE pack_id = " + pack + " AND nar_id = " + two + " FOR UPDATE");
            var copied = ConcurrentTransaction.meanwhile(repack::run);
            late.awaitBlocked(1);
            var deletion = ConcurrentTransaction.meanwhile(() -> {
                tables.run("DELETE FROM nar WHERE id = " + one);
                return true;
            });
            late.awaitBlocked(2);
            late.rollback();
            assertEquals(1, copied.join());
            deletion.join();
        }
        assertEquals(List.of("C", "L"), tables.packStates(domain));
        assertEquals(
                1,
                tables.number("SELECT count(*) FROM pack_ref r JOIN pack p ON p.id = r.pack_id WHERE p.domain_id = "
                        + domain));
        assertTrue(bytes(two).length > 0);
    }
}
