package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packs of which a part is still wanted. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class RepackTest {
    private static final int SIZE = 6 << 20;

    @Inject
    Nars nars;

    @Inject
    NarRows rows;

    @Inject
    Repack repack;

    @Inject
    Sweep sweep;

    @Inject
    StoreTables tables;

    private long domain;
    private byte[] bytes;
    private long whole;
    private long pack;

    @BeforeEach
    void anOldPack() throws IOException {
        domain = tables.newDomain();
        bytes = Archives.flat(Archives.noise(domain, SIZE));
        try (var staged = nars.stage(new ByteArrayInputStream(bytes), domain)) {
            whole = QuarkusTransaction.requiringNew().call(staged::link);
        }
        pack = tables.number("SELECT id FROM pack WHERE domain_id = " + domain);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE id = " + pack);
    }

    /** A NAR of some chunks of the pack, as one that shares them. */
    private long sharing(int... chunks) throws IOException {
        var frames = rows.frames(nars.find(whole).orElseThrow()).orElseThrow();
        var part = Part.of(bytes, frames.chunkLens(), domain, pack, chunks);
        long nar = tables.number("INSERT INTO nar (" + Part.COLUMNS + ") VALUES (" + part.values() + ") RETURNING id");
        tables.run("INSERT INTO pack_ref (pack_id, nar_id) VALUES (" + pack + ", " + nar + ")");
        return nar;
    }

    private byte[] bytes(long nar) throws IOException {
        try (var in = nars.nar(nars.find(nar).orElseThrow()).open()) {
            return in.readAllBytes();
        }
    }

    private byte[] served(long nar) throws IOException {
        try (var in = nars.file(nars.find(nar).orElseThrow()).open()) {
            return in.readAllBytes();
        }
    }

    @Test
    void whatIsWantedIsCopiedAndTheRestGoes() throws IOException {
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
    void whatIsWantedAsAWholeStays() throws IOException {
        sharing(1);
        assertEquals(0, repack.run());
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void aYoungPackStays() throws IOException {
        sharing(1);
        tables.run("DELETE FROM nar WHERE id = " + whole);
        tables.run("UPDATE pack SET created_at = now() WHERE id = " + pack);
        assertEquals(0, repack.run());
        assertEquals(List.of("L"), tables.packStates(domain));
    }
}
