package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.nix.NixHash;
import dev.narthex.store.directory.DirectoryBackend;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.s3.S3Server;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import dev.narthex.store.upkeep.BackendPresenceCheck;
import dev.narthex.store.upkeep.PackMoveRows;
import dev.narthex.store.upkeep.PackMover.PendingPack;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store with its packs in S3, in a directory, and on the way from one to the other. */
abstract class BucketStoreContract {
    @TempDir
    Path scratch;

    @Inject
    StoreFixture tables;

    private Backend directory;
    private Backend bucket;
    private StoreFixture.Elsewhere inBucket;
    private StoreFixture.Elsewhere inDirectory;
    private long domain;

    abstract S3Server server();

    @BeforeEach
    void aNewDomain() throws IOException {
        domain = tables.newDomain();
        directory = new DirectoryBackend(scratch.resolve("store"));
        bucket = server().backend(server().newBucket(), scratch.resolve("spool"));
        inBucket = tables.over(tables.backends("s3", directory, bucket));
        inDirectory = tables.over(tables.backends("directory", directory, bucket));
    }

    /** The rows name backends that are there for this test alone. */
    @AfterEach
    void leaveNothing() {
        tables.run("DELETE FROM nar WHERE domain_id = " + domain);
        tables.run("DELETE FROM pack WHERE domain_id = " + domain);
    }

    @Test
    void narsAreReadFromABucketInAnyRange() throws IOException {
        var nar = NarFixture.tree(Map.of("a", NarFixture.text(1, 3_000_000), "b", NarFixture.noise(2, 11_000_001)));
        long id = push(inBucket, nar);
        assertEquals(0, files());
        var found = inBucket.nars().find(id).orElseThrow();
        var content = inBucket.nars().uncompressedContent(found);
        try (var in = content.open()) {
            assertArrayEquals(nar, in.readAllBytes());
        }
        try (var in = content.open(5_000_000, 100)) {
            assertArrayEquals(java.util.Arrays.copyOfRange(nar, 5_000_000, 5_000_100), in.readAllBytes());
        }
        try (var in = inBucket.nars().compressedContent(found).open()) {
            var file = in.readAllBytes();
            assertEquals(found.fileHash().orElseThrow(), NixHash.sha256(file));
        }
    }

    @Test
    void abortedPushLeavesNothing() throws IOException {
        var nar = NarFixture.flat(NarFixture.noise(3, 14_000_000));
        var half = new ByteArrayInputStream(nar, 0, nar.length - 100);
        assertThrows(Exception.class, () -> inBucket.nars().stage(half, domain).close());
        assertEquals(0, bucket.deleteUnfinished(Duration.ofHours(-1)));
        deleteCondemned();
        assertEquals(List.of(), tables.packStates(domain));
    }

    /** As when something between gives up on a request that the bucket then carries out. */
    @Test
    void abandonedPackThatArrivesLateIsDeleted() throws IOException {
        var nar = NarFixture.flat(NarFixture.noise(9, 9_000_000));
        var half = new ByteArrayInputStream(nar, 0, nar.length - 100);
        assertThrows(Exception.class, () -> inBucket.nars().stage(half, domain).close());
        var id = UUID.fromString(tables.column("SELECT key FROM pack WHERE domain_id = " + domain)
                .getFirst());
        var key = new PackKey(tables.domain(domain).code(), id);
        try (var late = bucket.openWriter(key)) {
            late.write(nar, 0, nar.length);
            late.commit();
        }
        inBucket.sweep().deletePacks();
        assertTrue(bucket.size(key).isPresent(), "it is not yet time");
        deleteCondemned();
        assertTrue(bucket.size(key).isEmpty());
    }

    @Test
    void partialPackOfADeadWriterIsDeleted() throws IOException {
        var own = inBucket.packs().create(tables.domain(domain));
        var some = NarFixture.noise(4, 6_000_000);
        inBucket.packs().openWriter(own).write(some, 0, some.length);
        tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE domain_id = " + domain);
        inBucket.sweep().condemnExpiredLeases();
        deleteCondemned();
        assertEquals(0, bucket.deleteUnfinished(Duration.ofHours(-1)));
    }

    @Test
    void storeMovesToABucketAndBack() throws IOException {
        var nars = fill();
        long files = files();
        assertTrue(files > 0);
        assertEquals(files, moveAll(inBucket));
        assertEquals(
                List.of("1"),
                tables.column("SELECT DISTINCT backend FROM pack WHERE state = 'L' AND domain_id = " + domain));
        allComeBack(nars, inDirectory);
        allComeBack(nars, inBucket);
        // who read the old row reads the old bytes until grace is over
        assertEquals(files, files());
        deleteCondemned();
        assertEquals(0, files());
        allComeBack(nars, inBucket);
        assertEquals(files, moveAll(inDirectory));
        deleteCondemned();
        assertEquals(files, files());
        allComeBack(nars, tables.over(tables.backends("directory", directory)));
    }

    @Test
    void killedMoveIsRepeatedAndItsCopyRemoved() throws IOException {
        var nars = fill();
        var first = standing(inBucket).getFirst();
        // killed after the copy was durable: a row with a lease is all that knows of it
        var left = new PackMoveRows(tables.database(), tables.config()).insertCopy(first, bucket);
        try (var in = directory.open(first.key(), 0, first.bytes());
                var out = bucket.openWriter(left.key())) {
            var bytes = in.readAllBytes();
            out.write(bytes, 0, bytes.length);
            out.commit();
        }
        moveAll(inBucket);
        allComeBack(nars, inBucket);
        tables.run(
                "UPDATE pack SET lease_until = now() - interval '1 hour' WHERE state = 'W' AND domain_id = " + domain);
        inBucket.sweep().condemnExpiredLeases();
        deleteCondemned();
        assertTrue(bucket.size(left.key()).isEmpty());
        allComeBack(nars, inBucket);
    }

    @Test
    void damagedPackIsNotMovedAndReported() throws IOException {
        push(inDirectory, NarFixture.flat(NarFixture.noise(5, 400_000)));
        var pack = standing(inBucket).getFirst();
        var file = directory.file(pack.key()).orElseThrow();
        var bytes = Files.readAllBytes(file);
        bytes[1000] ^= 1;
        Files.write(file, bytes);
        var refused =
                assertThrows(DamagedException.class, () -> inBucket.moving().move(pack));
        assertTrue(refused.getMessage().contains(pack.key().path()), refused.getMessage());
        deleteCondemned();
        assertEquals(List.of("L"), tables.packStates(domain));
        assertEquals(List.of(pack), standing(inBucket));
    }

    @Test
    void packCondemnedMeanwhileIsNotMoved() throws IOException {
        long id = push(inDirectory, NarFixture.flat(NarFixture.noise(6, 100_000)));
        var pack = standing(inBucket).getFirst();
        tables.run("DELETE FROM nar WHERE id = " + id);
        inDirectory.sweep().condemnPacks();
        assertFalse(inBucket.moving().move(pack));
        assertEquals(List.of("C", "C"), tables.packStates(domain), "and the copy");
        deleteCondemned();
        assertEquals(0, files());
    }

    @Test
    void packIsMovedOnce() throws IOException {
        push(inDirectory, NarFixture.flat(NarFixture.noise(7, 100_000)));
        var pack = standing(inBucket).getFirst();
        assertTrue(inBucket.moving().move(pack));
        assertFalse(inBucket.moving().move(pack));
        assertEquals(
                List.of("C", "C", "L"),
                tables.packStates(domain).stream().sorted().toList());
    }

    @Test
    void packsInAnUnconfiguredBucketAreReported() throws IOException {
        push(inBucket, NarFixture.flat(NarFixture.noise(8, 100_000)));
        var without = new BackendPresenceCheck(tables.database(), tables.backends("directory", directory));
        assertTrue(without.hasUnreachablePacks());
        var unknown = tables.backends("s4", directory, bucket);
        assertTrue(assertThrows(IOException.class, unknown::check).getMessage().contains("“s4”"));
        tables.run("DELETE FROM nar WHERE domain_id = " + domain);
        inBucket.sweep().condemnPacks();
        assertFalse(without.hasUnreachablePacks());
        deleteCondemned();
    }

    @Test
    void wrongFolderOrBucketIsDetected() throws IOException {
        fill();
        var empty = new DirectoryBackend(scratch.resolve("empty"));
        assertTrue(stranger(directory, bucket).isEmpty());
        assertEquals(Optional.of(empty), stranger(empty, bucket));
        moveAll(inBucket);
        assertTrue(stranger(bucket).isEmpty());
        var other = server().backend(server().newBucket(), scratch.resolve("spool"));
        assertEquals(Optional.of(other), stranger(other));
        var few = tables.column("SELECT id FROM pack WHERE state = 'L' AND backend = 1")
                        .size()
                - 3;
        tables.run("UPDATE pack SET state = 'Q' WHERE id IN (SELECT id FROM pack WHERE state = 'L' AND backend = 1"
                + " ORDER BY id DESC LIMIT " + few + ")");
        assertTrue(stranger(other).isEmpty(), "three may be damaged");
    }

    private Optional<Backend> stranger(Backend... all) throws IOException {
        return new BackendPresenceCheck(tables.database(), tables.backends("directory", all)).findBackendWithoutPacks();
    }

    private Map<Long, NixHash> fill() throws IOException {
        var nars = new LinkedHashMap<Long, NixHash>();
        for (int i = 0; i < 5; i++) {
            var nar = NarFixture.flat(NarFixture.noise(100 + i, 30_000 + i * 1_700_000));
            nars.put(push(inDirectory, nar), NixHash.sha256(nar));
        }
        return nars;
    }

    private static void allComeBack(Map<Long, NixHash> nars, StoreFixture.Elsewhere store) throws IOException {
        for (var nar : nars.entrySet()) {
            var found = store.nars().find(nar.getKey()).orElseThrow();
            try (var in = store.nars().uncompressedContent(found).open()) {
                assertEquals(nar.getValue(), NixHash.sha256(in.readAllBytes()));
            }
        }
    }

    /** Of this test's own domain: the database has those of others too, whose files lie elsewhere. */
    private List<PendingPack> standing(StoreFixture.Elsewhere store) {
        var own = new ArrayList<PendingPack>();
        for (var next = store.moving().listPending(0, 100); !next.isEmpty(); ) {
            next.stream().filter(pack -> pack.domainId() == domain).forEach(own::add);
            next = store.moving().listPending(next.getLast().id(), 100);
        }
        return own;
    }

    private long moveAll(StoreFixture.Elsewhere store) throws IOException {
        var packs = standing(store);
        for (var pack : packs) {
            assertTrue(store.moving().move(pack));
        }
        assertEquals(List.of(), standing(store));
        return packs.size();
    }

    /** As when grace is over. The sweep of the application may have claimed one of them, and put it off, at this very moment. */
    private void deleteCondemned() {
        var condemned = "state = 'C' AND domain_id = " + domain;
        for (int i = 0; i < 3 && tables.packStates(domain).contains("C"); i++) {
            tables.run("UPDATE pack SET next_try = now() WHERE " + condemned);
            inBucket.sweep().deletePacks();
        }
        assertEquals(0, tables.number("SELECT count(*) FROM pack WHERE " + condemned));
    }

    private long files() throws IOException {
        var packs = scratch.resolve("store/packs");
        if (!Files.exists(packs)) {
            return 0;
        }
        try (var all = Files.walk(packs)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    private long push(StoreFixture.Elsewhere store, byte[] nar) throws IOException {
        try (var staged = store.nars().stage(new ByteArrayInputStream(nar), domain)) {
            return QuarkusTransaction.requiringNew().call(staged::link);
        }
    }
}
