package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.SnapshotKey;
import dev.narthex.store.pack.Uuid7;
import dev.narthex.store.support.NarFixture;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The contract of every backend. */
public abstract class StoreContract {
    private final byte[] bytes = NarFixture.noise(1, 300_000);

    /** An empty one, the same throughout a test. */
    protected abstract Backend backend() throws IOException;

    /** So many bytes a writer must have written to leave something behind when it is killed. */
    protected int leftBehind() {
        return 10;
    }

    @Test
    void packIsReadFromAnyOffset() throws IOException {
        var key = stored();
        assertEquals(OptionalLong.of(bytes.length), backend().size(key));
        assertArrayEquals(bytes, read(key, 0, bytes.length));
        assertArrayEquals(Arrays.copyOfRange(bytes, 70_001, 200_000), read(key, 70_001, 200_000 - 70_001));
        assertArrayEquals(new byte[0], read(key, bytes.length, 0));
        try (var in = backend().open(key, bytes.length - 1, 1)) {
            assertEquals(bytes[bytes.length - 1] & 255, in.read());
            assertEquals(-1, in.read());
        }
    }

    @Test
    void packIsAbsentBeforeTheCommit() throws IOException {
        var key = new PackKey("0badcafe", Uuid7.generate());
        try (var writer = backend().openWriter(key)) {
            writer.write(bytes, 0, bytes.length);
            assertEquals(OptionalLong.empty(), backend().size(key));
        }
        assertEquals(OptionalLong.empty(), backend().size(key));
        assertThrows(NoSuchFileException.class, () -> read(key, 0, 1));
        assertEquals(0, backend().deleteUnfinished(Duration.ofHours(-1)));
    }

    @Test
    void rangeOutsideThePackIsRefused() throws IOException {
        var key = stored();
        assertThrows(IndexOutOfBoundsException.class, () -> read(key, bytes.length - 5, 6));
        assertThrows(IndexOutOfBoundsException.class, () -> read(key, -1, 1));
    }

    @Test
    void deletingIsIdempotent() throws IOException {
        var key = stored();
        backend().delete(key);
        backend().delete(key);
        assertEquals(OptionalLong.empty(), backend().size(key));
    }

    @Test
    void leftoversAreRemovedByAgeOrKey() throws IOException {
        var aged = new PackKey("0badcafe", Uuid7.generate());
        begin(aged);
        assertEquals(0, backend().deleteUnfinished(Duration.ofHours(1)));
        assertEquals(1, backend().deleteUnfinished(Duration.ofHours(-1)));
        var named = new PackKey("0badcafe", Uuid7.generate());
        begin(named);
        backend().delete(named);
        assertEquals(0, backend().deleteUnfinished(Duration.ofHours(-1)));
    }

    @Test
    void storedObjectsAreListedByFolder() throws IOException {
        var pack = stored();
        var part = new SnapshotKey("20261129T001000Z-3f2a", "path.zst");
        try (var writer = backend().openWriter(part);
                var unfinished = backend().openWriter(new PackKey("0badcafe", Uuid7.generate()))) {
            writer.write(bytes, 0, 1000);
            unfinished.write(bytes, 0, 10);
            writer.commit();
            try (var packs = backend().list(PackKey.FOLDER);
                    var snapshots = backend().list(SnapshotKey.FOLDER);
                    var none = backend().list("absent")) {
                assertEquals(List.of(new Backend.BackendObject(pack.path(), bytes.length)), packs.toList());
                assertEquals(List.of(new Backend.BackendObject(part.path(), 1000)), snapshots.toList());
                assertEquals(0, none.count());
            }
        }
        assertEquals(Optional.of(pack), PackKey.parse(pack.path()));
        assertEquals(Optional.of(part), SnapshotKey.parse(part.path()));
        for (var other : List.of(
                pack.path() + "0", "packs/0badcafe/00/" + pack.id(), part.path() + "/x", "snapshots/x/path.zst")) {
            assertEquals(Optional.empty(), PackKey.parse(other));
            assertEquals(Optional.empty(), SnapshotKey.parse(other));
        }
    }

    private void begin(PackKey key) throws IOException {
        var some = NarFixture.noise(3, leftBehind());
        backend().openWriter(key).write(some, 0, some.length);
    }

    @Test
    void absentObjectHasNeitherSizeNorBytes() throws IOException {
        var absent = new PackKey("0badcafe", Uuid7.generate());
        assertEquals(OptionalLong.empty(), backend().size(absent));
        assertThrows(NoSuchFileException.class, () -> read(absent, 0, 1));
        backend().delete(absent);
    }

    @Test
    void concurrentPacksKeepTheirBytes() throws Exception {
        try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<?>>();
            for (int i = 0; i < 12; i++) {
                int seed = i;
                all.add(writers.submit(() -> {
                    var key = new PackKey("0badcafe", Uuid7.generate());
                    var own = NarFixture.noise(seed, 200_000 + seed);
                    try (var writer = backend().openWriter(key)) {
                        for (int at = 0; at < own.length; at += 7_000) {
                            writer.write(own, at, Math.min(7_000, own.length - at));
                        }
                        writer.commit();
                    }
                    assertArrayEquals(own, read(key, 0, own.length));
                    return null;
                }));
            }
            for (var each : all) {
                each.get();
            }
        }
    }

    @Test
    void checkSucceeds() throws IOException {
        backend().check();
    }

    private PackKey stored() throws IOException {
        var key = new PackKey("0badcafe", Uuid7.generate());
        try (var writer = backend().openWriter(key)) {
            writer.write(bytes, 0, 100_000);
            writer.write(bytes, 100_000, bytes.length - 100_000);
            writer.commit();
        }
        return key;
    }

    private byte[] read(PackKey key, long from, long count) throws IOException {
        try (var in = backend().open(key, from, count)) {
            return in.readAllBytes();
        }
    }
}
