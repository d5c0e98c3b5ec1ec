package dev.narthex.store.support;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.NixHash;
import dev.narthex.store.NarRows;
import dev.narthex.store.support.StoreFixture.Elsewhere;
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
 * Acknowledged pushes, and a check that they are kept. Every push names its NAR anew, often one that is there; whoever
 * reads, at any moment, gets the bytes of every name that was acknowledged and not dropped.
 */
public final class AcknowledgedPushes {
    private static final int CONTENTS = 30;
    /** More than one part of a multipart upload. */
    private static final int LARGE = 6 << 20;

    private final StoreFixture tables;
    private final long domain;
    private final long cache;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger names = new AtomicInteger();

    /** Held during reads and pushes, and exclusively while the clock is moved beyond their timeouts. */
    private final ReadWriteLock time = new ReentrantReadWriteLock(true);

    public AcknowledgedPushes(StoreFixture tables, long domain) {
        this.tables = tables;
        this.domain = domain;
        this.cache = tables.newCache(domain);
    }

    /** A NAR under a name. */
    private record Kept(String name, long nar, NixHash hash) {}

    private static byte[] nar(Random random) throws IOException {
        int number = random.nextInt(CONTENTS);
        if (random.nextInt(20) == 0) {
            return NarFixture.flat(NarFixture.noise(number, LARGE));
        }
        return switch (number % 5) {
            case 0 -> NarFixture.flat(NarFixture.text(number, 3_000));
            case 1 -> NarFixture.flat(NarFixture.noise(number, 40_000 + 10_000 * number));
            case 2 -> NarFixture.flat(NarFixture.text(number, 500_000));
            case 3 -> NarFixture.flat(NarFixture.noise(number, 1_400_000));
            // with much in common
            default ->
                NarFixture.tree(Map.of("a", NarFixture.noise(number, 600_000), "b", NarFixture.noise(0, 3_000_000)));
        };
    }

    /** One of a few dozen NARs. */
    public void push(Elsewhere store, Random random) throws IOException {
        push(store, nar(random));
    }

    private Kept push(Elsewhere store, byte[] nar) throws IOException {
        var name = names.incrementAndGet() + ".nar";
        time.readLock().lock();
        try (var staged = store.nars().stage(new ByteArrayInputStream(nar), domain)) {
            long id = store.database().inNewTransaction(c -> {
                long linked = staged.link();
                store.uploads().recordUpload(cache, name, linked);
                return linked;
            });
            var one = new Kept(name, id, NixHash.sha256(nar));
            kept.put(name, one);
            return one;
        } finally {
            time.readLock().unlock();
        }
    }

    public int pushes() {
        return names.get();
    }

    /** A pack, some days old, of which a few chunks are wanted by two other NARs, and the rest no more. */
    public void share(Elsewhere store, Random random) throws IOException {
        var bytes = NarFixture.flat(NarFixture.noise(random.nextLong(), (4 << 20) + 300_000));
        var whole = push(store, bytes);
        var frames = new NarRows(store.database(), store.packs())
                .findFrames(store.nars().find(whole.nar).orElseThrow())
                .orElseThrow();
        long pack = tables.number("SELECT pack_id FROM pack_ref WHERE nar_id = " + whole.nar);
        for (var chunks : List.of(new int[] {1, 2, 5}, new int[] {5, 2, 9, random.nextInt(10)})) {
            var part = SharedPackFixture.of(bytes, frames.chunkLengths(), domain, pack, chunks);
            var name = names.incrementAndGet() + ".nar";
            long nar = tables.number("""
                    WITH n AS (INSERT INTO nar (%s) VALUES (%s) RETURNING id),
                      r AS (INSERT INTO pack_ref (pack_id, nar_id) SELECT %d, id FROM n)
                    INSERT INTO nar_upload (cache_id, file_name, nar_id) SELECT %d, '%s', id FROM n RETURNING nar_id""".formatted(SharedPackFixture.COLUMNS, part.values(), pack, cache, name));
            kept.put(name, new Kept(name, nar, part.hash()));
        }
        drop(whole);
        tables.run("DELETE FROM nar WHERE id = " + whole.nar);
        tables.run("UPDATE pack SET created_at = now() - interval '8 days' WHERE id = " + pack);
    }

    private void drop(Kept one) {
        kept.remove(one.name);
        tables.run("DELETE FROM nar_upload WHERE cache_id = " + cache + " AND file_name = '" + one.name + "'");
    }

    private Optional<Kept> any(Random random) {
        var all = List.copyOf(kept.values());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    /** Until no more than so many are left. */
    public void dropTo(int max, Random random) {
        while (kept.size() > max) {
            any(random).ifPresent(this::drop);
        }
    }

    /** Names that nobody was told of too: their push seemed to fail. */
    public void dropAll() {
        kept.clear();
        tables.run("DELETE FROM nar_upload WHERE cache_id = " + cache);
    }

    /** One of them. */
    public void read(Elsewhere store, Random random) {
        any(random).ifPresent(one -> read(store, one, random.nextInt(4) == 0));
    }

    public void readAll(Elsewhere store) {
        kept.values().forEach(one -> read(store, one, false));
    }

    /** @param served as zstd, as a client gets it; else by the store's own way */
    private void read(Elsewhere store, Kept one, boolean served) {
        time.readLock().lock();
        try {
            var nar = store.nars().find(one.nar).orElseThrow();
            try (var in = served
                    ? new ZstdInputStreamNoFinalizer(
                            store.nars().compressedContent(nar).open())
                    : store.nars().uncompressedContent(nar).open()) {
                if (!NixHash.sha256(in.readAllBytes()).equals(one.hash)) {
                    lost.add(one + " is another");
                }
            }
        } catch (IOException | RuntimeException e) {
            if (kept.get(one.name) == one) {
                lost.add(one + ": " + e);
            }
        } finally {
            time.readLock().unlock();
        }
    }

    /** Each NAR that was not there, as often as somebody looked for it. */
    public List<String> lost() {
        return new ArrayList<>(lost);
    }

    /** Makes everything old: what nothing names may go, leases and grace run out. */
    public void age() {
        time.writeLock().lock();
        try {
            tables.run("UPDATE nar SET created_at = now() - interval '2 hours' WHERE domain_id = " + domain);
            tables.run("UPDATE pack SET lease_until = now() - interval '1 hour' WHERE state = 'W' AND domain_id = "
                    + domain);
            tables.run("UPDATE pack SET next_try = now() WHERE state = 'C' AND domain_id = " + domain);
        } finally {
            time.writeLock().unlock();
        }
    }
}
