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

/** Tests that every backend must pass. */
public abstract class StoreContract {
    private final byte[] bytes = NarFixture.noise(1, 300_000);

    /** Returns a backend that is empty at the start of a test; every call of a test returns the same backend. */
    protected abstract Backend backend() throws IOException;

    /** Returns the number of bytes after which a killed writer leaves an unfinished object. */
    protected int leftoverBytes() {
        return 10;
    }

    @Test
    void packIsReadFromAnyOffset() throws IOException {
        var key = storePack();
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
        var key = storePack();
        assertThrows(IndexOutOfBoundsException.class, () -> read(key, bytes.length - 5, 6));
        assertThrows(IndexOutOfBoundsException.class, () -> read(key, -1, 1));
    }

    @Test
    void deletingIsIdempotent() throws IOException {
        var key = storePack();
        backend().delete(key);
        backend().delete(key);
        assertEquals(OptionalLong.empty(), backend().size(key));
    }

    @Test
    void leftoversAreRemovedByAgeOrKey() throws IOException {
        var agedPack = new PackKey("0badcafe", Uuid7.generate());
        writePartOfPack(agedPack);
        assertEquals(0, backend().deleteUnfinished(Duration.ofHours(1)));
        assertEquals(1, backend().deleteUnfinished(Duration.ofHours(-1)));
        var deletedPack = new PackKey("0badcafe", Uuid7.generate());
        writePartOfPack(deletedPack);
        backend().delete(deletedPack);
        assertEquals(0, backend().deleteUnfinished(Duration.ofHours(-1)));
    }

    @Test
    void storedObjectsAreListedByFolder() throws IOException {
        var pack = storePack();
        var snapshotPart = new SnapshotKey("20261129T001000Z-3f2a", "path.zst");
        try (var writer = backend().openWriter(snapshotPart);
                var unfinished = backend().openWriter(new PackKey("0badcafe", Uuid7.generate()))) {
            writer.write(bytes, 0, 1000);
            unfinished.write(bytes, 0, 10);
            writer.commit();
            try (var packs = backend().list(PackKey.FOLDER);
                    var snapshots = backend().list(SnapshotKey.FOLDER);
                    var none = backend().list("absent")) {
                assertEquals(List.of(new Backend.BackendObject(pack.path(), bytes.length)), packs.toList());
                assertEquals(List.of(new Backend.BackendObject(snapshotPart.path(), 1000)), snapshots.toList());
                assertEquals(0, none.count());
            }
        }
        assertEquals(Optional.of(pack), PackKey.parse(pack.path()));
        assertEquals(Optional.of(snapshotPart), SnapshotKey.parse(snapshotPart.path()));
        for (var otherPath : List.of(
                pack.path() + "0",
                "packs/0badcafe/00/" + pack.id(),
                snapshotPart.path() + "/x",
                "snapshots/x/path.zst")) {
            assertEquals(Optional.empty(), PackKey.parse(otherPath));
            assertEquals(Optional.empty(), SnapshotKey.parse(otherPath));
        }
    }

    private void writePartOfPack(PackKey key) throws IOException {
        var content = NarFixture.noise(3, leftoverBytes());
        backend().openWriter(key).write(content, 0, content.length);
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
            var results = new ArrayList<Future<?>>();
            for (int i = 0; i < 12; i++) {
                int seed = i;
                results.add(writers.submit(() -> {
                    var key = new PackKey("0badcafe", Uuid7.generate());
                    var packBytes = NarFixture.noise(seed, 200_000 + seed);
                    try (var writer = backend().openWriter(key)) {
                        for (int offset = 0; offset < packBytes.length; offset += 7_000) {
                            writer.write(packBytes, offset, Math.min(7_000, packBytes.length - offset));
                        }
                        writer.commit();
                    }
                    assertArrayEquals(packBytes, read(key, 0, packBytes.length));
                    return null;
                }));
            }
            for (var result : results) {
                result.get();
            }
        }
    }

    @Test
    void checkSucceeds() throws IOException {
        backend().check();
    }

    private PackKey storePack() throws IOException {
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
