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

/** The store with its packs in S3, in a directory, and during moves between them. */
abstract class BucketStoreContract {
    @TempDir
    Path scratch;

    @Inject
    StoreFixture tables;

    private Backend directory;
    private Backend bucket;
    private StoreFixture.SeparateStore inBucket;
    private StoreFixture.SeparateStore inDirectory;
    private long domain;

    abstract S3Server server();

    @BeforeEach
    void createDomain() throws IOException {
        domain = tables.newDomain();
        directory = new DirectoryBackend(scratch.resolve("store"));
        bucket = server().backend(server().newBucket(), scratch.resolve("spool"));
        inBucket = tables.newStore(tables.backends("s3", directory, bucket));
        inDirectory = tables.newStore(tables.backends("directory", directory, bucket));
    }

    /** Deletes rows that refer to backends of this test. */
    @AfterEach
    void deleteRows() {
        tables.run("DELETE FROM nar WHERE domain_id = " + domain);
        tables.run("DELETE FROM pack WHERE domain_id = " + domain);
    }

    @Test
    void narsAreReadFromABucketInAnyRange() throws IOException {
        var nar = NarFixture.tree(Map.of("a", NarFixture.text(1, 3_000_000), "b", NarFixture.noise(2, 11_000_001)));
        long id = push(inBucket, nar);
        assertEquals(0, countFiles());
        var stored = inBucket.nars().find(id).orElseThrow();
        var content = inBucket.nars().uncompressedContent(stored);
        try (var in = content.open()) {
            assertArrayEquals(nar, in.readAllBytes());
        }
        try (var in = content.open(5_000_000, 100)) {
            assertArrayEquals(java.util.Arrays.copyOfRange(nar, 5_000_000, 5_000_100), in.readAllBytes());
        }
        try (var in = inBucket.nars().compressedContent(stored).open()) {
            var file = in.readAllBytes();
            assertEquals(stored.fileHash().orElseThrow(), NixHash.sha256(file));
        }
    }

    @Test
    void abortedPushLeavesNothing() throws IOException {
        var nar = NarFixture.flat(NarFixture.noise(3, 14_000_000));
        var truncated = new ByteArrayInputStream(nar, 0, nar.length - 100);
        assertThrows(
                Exception.class, () -> inBucket.nars().stage(truncated, domain).close());
        assertEquals(0, bucket.deleteUnfinished(Duration.ofHours(-1)));
        deleteCondemned();
        assertEquals(List.of(), tables.packStates(domain));
    }

    /** A proxy may give up on a request that the bucket executes afterwards. */
    @Test
    void abandonedPackThatArrivesLateIsDeleted() throws IOException {
        var nar = NarFixture.flat(NarFixture.noise(9, 9_000_000));
        var truncated = new ByteArrayInputStream(nar, 0, nar.length - 100);
        assertThrows(
                Exception.class, () -> inBucket.nars().stage(truncated, domain).close());
        var id = UUID.fromString(tables.queryColumn("SELECT key FROM pack WHERE domain_id = " + domain)
                .getFirst());
        var key = new PackKey(tables.domain(domain).code(), id);
        try (var writer = bucket.openWriter(key)) {
            writer.write(nar, 0, nar.length);
            writer.commit();
        }
        inBucket.sweeper().deletePacks();
        assertTrue(bucket.size(key).isPresent(), "the grace period has not ended");
        deleteCondemned();
        assertTrue(bucket.size(key).isEmpty());
    }

    @Test
    void partialPackOfADeadWriterIsDeleted() throws IOException {
        var pack = inBucket.packs().create(tables.domain(domain));
        var bytes = NarFixture.noise(4, 6_000_000);
        inBucket.packs().openWriter(pack).write(bytes, 0, bytes.length);
        tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE domain_id = " + domain);
        inBucket.sweeper().condemnExpiredLeases();
        deleteCondemned();
        assertEquals(0, bucket.deleteUnfinished(Duration.ofHours(-1)));
    }

    @Test
    void storeMovesToABucketAndBack() throws IOException {
        var nars = pushNars();
        long fileCount = countFiles();
        assertTrue(fileCount > 0);
        assertEquals(fileCount, moveAll(inBucket));
        assertEquals(
                List.of("1"),
                tables.queryColumn("SELECT DISTINCT backend FROM pack WHERE state = 'L' AND domain_id = " + domain));
        assertAllReadable(nars, inDirectory);
        assertAllReadable(nars, inBucket);
        // readers of the old row read the old bytes until the grace period ends, so the files remain
        assertEquals(fileCount, countFiles());
        deleteCondemned();
        assertEquals(0, countFiles());
        assertAllReadable(nars, inBucket);
        assertEquals(fileCount, moveAll(inDirectory));
        deleteCondemned();
        assertEquals(fileCount, countFiles());
        assertAllReadable(nars, tables.newStore(tables.backends("directory", directory)));
    }

    @Test
    void killedMoveIsRepeatedAndItsCopyDeleted() throws IOException {
        var nars = pushNars();
        var first = listPendingPacks(inBucket).getFirst();
        // state after a kill when the copy is durable: only a row with a lease refers to it
        var copy = new PackMoveRows(tables.database(), inBucket.packs(), tables.config()).insertCopy(first, bucket);
        try (var in = directory.open(first.key(), 0, first.bytes());
                var out = bucket.openWriter(copy.key())) {
            var bytes = in.readAllBytes();
            out.write(bytes, 0, bytes.length);
            out.commit();
        }
        moveAll(inBucket);
        assertAllReadable(nars, inBucket);
        tables.run(
                "UPDATE pack SET lease_until = now() - interval '1 hour' WHERE state = 'W' AND domain_id = " + domain);
        inBucket.sweeper().condemnExpiredLeases();
        deleteCondemned();
        assertTrue(bucket.size(copy.key()).isEmpty());
        assertAllReadable(nars, inBucket);
    }

    @Test
    void damagedPackIsNotMovedAndReported() throws IOException {
        push(inDirectory, NarFixture.flat(NarFixture.noise(5, 400_000)));
        var pack = listPendingPacks(inBucket).getFirst();
        var file = directory.file(pack.key()).orElseThrow();
        var bytes = Files.readAllBytes(file);
        bytes[1000] ^= 1;
        Files.write(file, bytes);
        var error = assertThrows(DamagedException.class, () -> inBucket.mover().move(pack));
        assertTrue(error.getMessage().contains(pack.key().path()), error.getMessage());
        deleteCondemned();
        assertEquals(List.of("L"), tables.packStates(domain));
        assertEquals(List.of(pack), listPendingPacks(inBucket));
    }

    @Test
    void packCondemnedDuringAMoveIsNotMoved() throws IOException {
        long id = push(inDirectory, NarFixture.flat(NarFixture.noise(6, 100_000)));
        var pack = listPendingPacks(inBucket).getFirst();
        tables.run("DELETE FROM nar WHERE id = " + id);
        inDirectory.sweeper().condemnPacks();
        assertFalse(inBucket.mover().move(pack));
        assertEquals(List.of("C", "C"), tables.packStates(domain), "the pack and its copy are condemned");
        deleteCondemned();
        assertEquals(0, countFiles());
    }

    @Test
    void packIsMovedOnce() throws IOException {
        push(inDirectory, NarFixture.flat(NarFixture.noise(7, 100_000)));
        var pack = listPendingPacks(inBucket).getFirst();
        assertTrue(inBucket.mover().move(pack));
        assertFalse(inBucket.mover().move(pack));
        assertEquals(
                List.of("C", "C", "L"),
                tables.packStates(domain).stream().sorted().toList());
    }

    @Test
    void packsInAnUnconfiguredBucketAreReported() throws IOException {
        push(inBucket, NarFixture.flat(NarFixture.noise(8, 100_000)));
        var checkWithoutBucket = new BackendPresenceCheck(tables.database(), tables.backends("directory", directory));
        assertTrue(checkWithoutBucket.hasUnreachablePacks());
        var unknown = tables.backends("s4", directory, bucket);
        assertTrue(assertThrows(IOException.class, unknown::check).getMessage().contains("“s4”"));
        tables.run("DELETE FROM nar WHERE domain_id = " + domain);
        inBucket.sweeper().condemnPacks();
        assertFalse(checkWithoutBucket.hasUnreachablePacks());
        deleteCondemned();
    }

    @Test
    void wrongFolderOrBucketIsDetected() throws IOException {
        pushNars();
        var empty = new DirectoryBackend(scratch.resolve("empty"));
        assertTrue(findBackendWithoutPacks(directory, bucket).isEmpty());
        assertEquals(Optional.of(empty), findBackendWithoutPacks(empty, bucket));
        moveAll(inBucket);
        assertTrue(findBackendWithoutPacks(bucket).isEmpty());
        var other = server().backend(server().newBucket(), scratch.resolve("spool"));
        assertEquals(Optional.of(other), findBackendWithoutPacks(other));
        var excess = tables.queryColumn("SELECT id FROM pack WHERE state = 'L' AND backend = 1")
                        .size()
                - 3;
        tables.run("UPDATE pack SET state = 'Q' WHERE id IN (SELECT id FROM pack WHERE state = 'L' AND backend = 1"
                + " ORDER BY id DESC LIMIT " + excess + ")");
        assertTrue(findBackendWithoutPacks(other).isEmpty(), "three missing packs may be damaged ones");
    }

    private Optional<Backend> findBackendWithoutPacks(Backend... backends) throws IOException {
        return new BackendPresenceCheck(tables.database(), tables.backends("directory", backends))
                .findBackendWithoutPacks();
    }

    private Map<Long, NixHash> pushNars() throws IOException {
        var nars = new LinkedHashMap<Long, NixHash>();
        for (int i = 0; i < 5; i++) {
            var nar = NarFixture.flat(NarFixture.noise(100 + i, 30_000 + i * 1_700_000));
            nars.put(push(inDirectory, nar), NixHash.sha256(nar));
        }
        return nars;
    }

    private static void assertAllReadable(Map<Long, NixHash> nars, StoreFixture.SeparateStore store)
            throws IOException {
        for (var nar : nars.entrySet()) {
            var stored = store.nars().find(nar.getKey()).orElseThrow();
            try (var in = store.nars().uncompressedContent(stored).open()) {
                assertEquals(nar.getValue(), NixHash.sha256(in.readAllBytes()));
            }
        }
    }

    /** Lists only packs of this test's domain, because the database has packs of other domains in other backends. */
    private List<PendingPack> listPendingPacks(StoreFixture.SeparateStore store) {
        var pending = new ArrayList<PendingPack>();
        for (var page = store.mover().listPending(0, 100); !page.isEmpty(); ) {
            page.stream().filter(pack -> pack.domainId() == domain).forEach(pending::add);
            page = store.mover().listPending(page.getLast().id(), 100);
        }
        return pending;
    }

    private long moveAll(StoreFixture.SeparateStore store) throws IOException {
        var packs = listPendingPacks(store);
        for (var pack : packs) {
            assertTrue(store.mover().move(pack));
        }
        assertEquals(List.of(), listPendingPacks(store));
        return packs.size();
    }

    /** Deletes condemned packs at once. Repeats this, because the application's sweeper may have claimed one of them. */
    private void deleteCondemned() {
        var condemned = "state = 'C' AND domain_id = " + domain;
        for (int i = 0; i < 3 && tables.packStates(domain).contains("C"); i++) {
            tables.run("UPDATE pack SET next_try = now() WHERE " + condemned);
            inBucket.sweeper().deletePacks();
        }
        assertEquals(0, tables.queryNumber("SELECT count(*) FROM pack WHERE " + condemned));
    }

    private long countFiles() throws IOException {
        var packs = scratch.resolve("store/packs");
        if (!Files.exists(packs)) {
            return 0;
        }
        try (var files = Files.walk(packs)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    private long push(StoreFixture.SeparateStore store, byte[] nar) throws IOException {
        try (var staged = store.nars().stage(new ByteArrayInputStream(nar), domain)) {
            return QuarkusTransaction.requiringNew().call(staged::link);
        }
    }
}
