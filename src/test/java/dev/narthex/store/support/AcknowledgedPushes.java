package dev.narthex.store.support;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.NixHash;
import dev.narthex.store.NarRows;
import dev.narthex.store.support.StoreFixture.SeparateStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Acknowledged pushes, and a check that they are kept. Every push has a new name for a NAR that often exists already. Readers
 * get the bytes of every name that was acknowledged and not deleted, at any moment.
 */
public final class AcknowledgedPushes {
    private static final int DIFFERENT_NARS = 30;
    /** More than one part of a multipart upload. */
    private static final int LARGE_NAR_BYTES = 6 << 20;

    private final StoreFixture tables;
    private final long domain;
    private final long cache;
    private final Map<String, NamedNar> acknowledged = new ConcurrentHashMap<>();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger names = new AtomicInteger();

    /** Read lock: held during reads and pushes. Write lock: held while times are moved beyond their timeouts. */
    private final ReadWriteLock clock = new ReentrantReadWriteLock(true);

    public AcknowledgedPushes(StoreFixture tables, long domain) {
        this.tables = tables;
        this.domain = domain;
        this.cache = tables.newCache(domain);
    }

    /** A NAR with a name. */
    private record NamedNar(String name, long nar, NixHash hash) {}

    private static byte[] createNar(Random random) throws IOException {
        int number = random.nextInt(DIFFERENT_NARS);
        if (random.nextInt(20) == 0) {
            return NarFixture.flat(NarFixture.noise(number, LARGE_NAR_BYTES));
        }
        return switch (number % 5) {
            case 0 -> NarFixture.flat(NarFixture.text(number, 3_000));
            case 1 -> NarFixture.flat(NarFixture.noise(number, 40_000 + 10_000 * number));
            case 2 -> NarFixture.flat(NarFixture.text(number, 500_000));
            case 3 -> NarFixture.flat(NarFixture.noise(number, 1_400_000));
            // NARs that share many chunks
            default ->
                NarFixture.tree(Map.of("a", NarFixture.noise(number, 600_000), "b", NarFixture.noise(0, 3_000_000)));
        };
    }

    /** Pushes one of {@value #DIFFERENT_NARS} NARs under a new name. */
    public void push(SeparateStore store, Random random) throws IOException {
        push(store, createNar(random));
    }

    private NamedNar push(SeparateStore store, byte[] nar) throws IOException {
        var name = names.incrementAndGet() + ".nar";
        clock.readLock().lock();
        try (var staged = store.nars().stage(new ByteArrayInputStream(nar), domain)) {
            long id = store.database().inNewTransaction(() -> {
                long narId = staged.link();
                store.uploads().recordUpload(cache, name, narId);
                return narId;
            });
            var named = new NamedNar(name, id, NixHash.sha256(nar));
            acknowledged.put(name, named);
            return named;
        } finally {
            clock.readLock().unlock();
        }
    }

    public int pushes() {
        return names.get();
    }

    /** Creates a pack that is 8 days old, of which two NARs use a few chunks and the rest is unused. */
    public void createSharedPack(SeparateStore store, Random random) throws IOException {
        var bytes = NarFixture.flat(NarFixture.noise(random.nextLong(), (4 << 20) + 300_000));
        var wholeNar = push(store, bytes);
        var frames = new NarRows(store.database(), store.packs())
                .findFrames(store.nars().find(wholeNar.nar).orElseThrow())
                .orElseThrow();
        long pack = tables.queryNumber("SELECT pack_id FROM pack_ref WHERE nar_id = " + wholeNar.nar);
        for (var chunks : List.of(new int[] {1, 2, 5}, new int[] {5, 2, 9, random.nextInt(10)})) {
            var part = SharedPackFixture.of(bytes, frames.chunkLengths(), domain, pack, chunks);
            var name = names.incrementAndGet() + ".nar";
            long nar = tables.queryNumber("""
                    WITH n AS (INSERT INTO nar (%s) VALUES (%s) RETURNING id),
                      r AS (INSERT INTO pack_ref (pack_id, nar_id) SELECT %d, id FROM n)
                    INSERT INTO nar_upload (cache_id, file_name, nar_id) SELECT %d, '%s', id FROM n RETURNING nar_id""".formatted(SharedPackFixture.COLUMNS, part.values(), pack, cache, name));
            acknowledged.put(name, new NamedNar(name, nar, part.hash()));
        }
        delete(wholeNar);
        tables.run("DELETE FROM nar WHERE id = " + wholeNar.nar);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE id = " + pack);
    }

    private void delete(NamedNar named) {
        acknowledged.remove(named.name);
        tables.run("DELETE FROM nar_upload WHERE cache_id = " + cache + " AND file_name = '" + named.name + "'");
    }

    private Optional<NamedNar> findRandom(Random random) {
        var nars = List.copyOf(acknowledged.values());
        return nars.isEmpty() ? Optional.empty() : Optional.of(nars.get(random.nextInt(nars.size())));
    }

    /** Deletes names until at most this many are left. */
    public void deleteDownTo(int max, Random random) {
        while (acknowledged.size() > max) {
            findRandom(random).ifPresent(this::delete);
        }
    }

    /** Deletes all names, including those of pushes that seemed to fail. */
    public void deleteAll() {
        acknowledged.clear();
        tables.run("DELETE FROM nar_upload WHERE cache_id = " + cache);
    }

    /** Reads the NAR of a random name. */
    public void read(SeparateStore store, Random random) {
        findRandom(random).ifPresent(named -> read(store, named, random.nextInt(4) == 0));
    }

    public void readAll(SeparateStore store) {
        acknowledged.values().forEach(named -> read(store, named, false));
    }

    /** @param compressed whether to read as zstd like a client, or with the store's own reader */
    private void read(SeparateStore store, NamedNar named, boolean compressed) {
        clock.readLock().lock();
        try {
            var nar = store.nars().find(named.nar).orElseThrow();
            try (var in = compressed
                    ? new ZstdInputStreamNoFinalizer(
                            store.nars().compressedContent(nar).open())
                    : store.nars().uncompressedContent(nar).open()) {
                if (!NixHash.sha256(in.readAllBytes()).equals(named.hash)) {
                    lost.add(named + " has other bytes");
                }
            }
        } catch (IOException | RuntimeException e) {
            if (acknowledged.get(named.name) == named) {
                lost.add(named + ": " + e);
            }
        } finally {
            clock.readLock().unlock();
        }
    }

    /** Returns NARs that were missing or wrong, once per failed read. */
    public List<String> lost() {
        return new ArrayList<>(lost);
    }

    /** Moves times in the rows to the past, so that unreferenced NARs, leases and grace periods expire. */
    public void expirePeriods() {
        clock.writeLock().lock();
        try {
            tables.run("UPDATE nar SET created_at = now() - interval '2 hours' WHERE domain_id = " + domain);
            tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE state = 'W' AND domain_id = "
                    + domain);
            tables.run("UPDATE pack SET next_try = now() WHERE state = 'C' AND domain_id = " + domain);
        } finally {
            clock.writeLock().unlock();
        }
    }
}
