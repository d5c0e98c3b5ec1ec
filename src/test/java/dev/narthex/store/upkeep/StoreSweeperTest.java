package dev.narthex.store.upkeep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.store.DedupDomains;
import dev.narthex.store.NarRows;
import dev.narthex.store.NarStore;
import dev.narthex.store.PackLeases;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.StagedNar;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class StoreSweeperTest {
    private static final byte[] NAR = noiseNar();

    @Inject
    NarStore nars;

    @Inject
    NarRows rows;

    @Inject
    PackLeases packs;

    @Inject
    DedupDomains domains;

    @Inject
    PendingUploads uploads;

    @Inject
    StoreSweeper sweeper;

    @Inject
    StoreFixture tables;

    private long domain;

    @BeforeEach
    void createDomain() {
        domain = tables.newDomain();
    }

    @Test
    void writerWithAnExpiredLeaseIsRefused() throws IOException {
        try (var staged = stage()) {
            tables.run("UPDATE pack SET lease_until = now() - interval '6 minutes' WHERE domain_id = " + domain);
            sweeper.condemnExpiredLeases();
            var error = assertThrows(
                    ProblemException.class,
                    () -> QuarkusTransaction.requiringNew().call(staged::link));
            assertInstanceOf(Problem.Unavailable.class, error.problem());
        }
        assertEquals(List.of("C"), tables.packStates(domain));
        assertEquals(Optional.empty(), rows.find(domain, NixHash.sha256(NAR)));
    }

    @Test
    void validLeaseIsRespected() throws IOException {
        try (var staged = stage()) {
            tables.run("UPDATE pack SET lease_until = now() - interval '4 minutes' WHERE domain_id = " + domain);
            sweeper.condemnExpiredLeases();
            assertEquals(List.of("W"), tables.packStates(domain));
            assertTrue(link(staged) > 0);
        }
    }

    @Test
    void leaseRenewalNeedsEveryPack() {
        var lease = packs.create(domains.get(domain));
        packs.renew(List.of(lease));
        tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE domain_id = " + domain);
        sweeper.condemnExpiredLeases();
        assertThrows(ProblemException.class, () -> packs.renew(List.of(lease)));
    }

    @Test
    void bytesAreDeletedAfterTheGracePeriod() throws IOException {
        long id = push();
        tables.run("DELETE FROM nar WHERE id = " + id);
        sweeper.run();
        assertEquals(List.of("C"), tables.packStates(domain));
        assertEquals(1, tables.countFiles(domain));
        assertEquals(
                1,
                tables.queryNumber("SELECT count(*) FROM pack WHERE domain_id = " + domain
                        + " AND next_try BETWEEN now() + interval '23 hours' AND now() + interval '24 hours'"));
        endGracePeriod();
        sweeper.deletePacks();
        assertEquals(List.of(), tables.packStates(domain));
        assertEquals(0, tables.countFiles(domain));
    }

    @Test
    void bytesInASnapshotAreDeletedAfterItExpires() throws IOException {
        long id = push();
        tables.run(
                "INSERT INTO snapshot VALUES ('20000101T000000Z-0001', now(), now(), 1, 1, now() + interval '1 day')");
        try {
            tables.run("DELETE FROM nar WHERE id = " + id);
            sweeper.condemnPacks();
            endGracePeriod();
            sweeper.deletePacks();
            assertEquals(1, tables.countFiles(domain));
            tables.run("UPDATE snapshot SET until = now() WHERE id = '20000101T000000Z-0001'");
            sweeper.deletePacks();
            assertEquals(0, tables.countFiles(domain), "an expired snapshot does not keep its packs");
        } finally {
            tables.run("DELETE FROM snapshot WHERE id = '20000101T000000Z-0001'");
        }
    }

    @Test
    void partialPackOfADeadWriterIsDeleted() throws IOException {
        var lease = packs.create(domains.get(domain));
        packs.openWriter(lease).write(NAR, 0, 100);
        long before = tables.countUnfinished();
        tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE domain_id = " + domain);
        sweeper.condemnExpiredLeases();
        endGracePeriod();
        sweeper.deletePacks();
        assertEquals(before - 1, tables.countUnfinished());
        assertEquals(List.of(), tables.packStates(domain));
    }

    @Test
    void unreferencedNarIsDeletedAfterAnHour() throws IOException {
        long id = push();
        sweeper.deleteNars();
        assertTrue(nars.find(id).isPresent());
        makeOld(id);
        sweeper.deleteNars();
        assertEquals(Optional.empty(), nars.find(id));
        sweeper.condemnPacks();
        assertEquals(List.of("C"), tables.packStates(domain));
    }

    @Test
    void uploadsAndPathsKeepTheirNar() throws IOException {
        long cache = tables.newCache(domain);
        long uploaded = push();
        uploads.recordUpload(cache, "a.nar", uploaded);
        long referenced = push(NarFixture.flat(NarFixture.noise(2, 50_000)));
        tables.addPath(cache, referenced);
        makeOld(uploaded);
        makeOld(referenced);
        sweeper.run();
        assertTrue(nars.find(uploaded).isPresent());
        assertTrue(nars.find(referenced).isPresent());
    }

    @Test
    void referencedPackIsKept() throws IOException {
        push();
        tables.run("INSERT INTO pack_suspect (pack_id) SELECT id FROM pack WHERE domain_id = " + domain);
        sweeper.condemnPacks();
        sweeper.condemnPacksByScan();
        assertEquals(List.of("L"), tables.packStates(domain));
    }

    @Test
    void scanFindsUnqueuedPacks() throws IOException {
        long id = push();
        tables.run("DELETE FROM nar WHERE id = " + id);
        tables.run("DELETE FROM pack_suspect");
        sweeper.condemnPacks();
        assertEquals(List.of("L"), tables.packStates(domain));
        sweeper.condemnPacksByScan();
        assertEquals(List.of("C"), tables.packStates(domain));
    }

    private void endGracePeriod() {
        tables.run("UPDATE pack SET next_try = now() WHERE state = 'C' AND domain_id = " + domain);
    }

    private void makeOld(long nar) {
        tables.run("UPDATE nar SET created_at = now() - interval '2 hours' WHERE id = " + nar);
    }

    private StagedNar stage() throws IOException {
        return nars.stage(new ByteArrayInputStream(NAR), domain);
    }

    private long push() throws IOException {
        return push(NAR);
    }

    private long push(byte[] nar) throws IOException {
        try (var staged = nars.stage(new ByteArrayInputStream(nar), domain)) {
            return link(staged);
        }
    }

    private static long link(StagedNar staged) {
        return QuarkusTransaction.requiringNew().call(staged::link);
    }

    private static byte[] noiseNar() {
        try {
            return NarFixture.flat(NarFixture.noise(1, 100_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
