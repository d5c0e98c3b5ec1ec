package dev.narthex.store.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableDirectoriesTest {
    @TempDir
    Path folder;

    private final List<Path> synced = new ArrayList<>();
    private boolean syncFails;

    private void sync(Path directory) throws IOException {
        if (syncFails) {
            throw new IOException("Input/output error");
        }
        synced.add(folder.relativize(directory));
    }

    private List<String> takeSynced() {
        var names = synced.stream().map(Path::toString).toList();
        synced.clear();
        return names;
    }

    @Test
    void newDirectoriesAreSyncedOnce() throws IOException {
        var directories = new DurableDirectories(folder.resolve("store"), this::sync);
        assertEquals(List.of(""), takeSynced());
        directories.create(folder.resolve("store/packs/ab"));
        assertEquals(List.of("store", "store/packs"), takeSynced());
        directories.create(folder.resolve("store/packs/cd"));
        directories.create(folder.resolve("store/packs/ab"));
        assertEquals(List.of("store/packs"), takeSynced());
    }

    @Test
    void directoryOfAnotherProcessIsSynced() throws IOException {
        Files.createDirectories(folder.resolve("store/packs/ab"));
        var directories = new DurableDirectories(folder.resolve("store"), this::sync);
        directories.create(folder.resolve("store/packs/ab"));
        assertEquals(List.of("", "store", "store/packs"), takeSynced());
    }

    @Test
    void unsyncedDirectoryIsNotDurable() throws IOException {
        var directories = new DurableDirectories(folder.resolve("store"), this::sync);
        takeSynced();
        syncFails = true;
        assertThrows(IOException.class, () -> directories.create(folder.resolve("store/packs")));
        assertTrue(Files.isDirectory(folder.resolve("store/packs")));
        syncFails = false;
        directories.create(folder.resolve("store/packs"));
        assertEquals(List.of("store"), takeSynced());
    }

    @Test
    void removedDirectoryIsCreatedAgain() throws IOException {
        var directories = new DurableDirectories(folder.resolve("store"));
        directories.create(folder.resolve("store/packs"));
        Files.delete(folder.resolve("store/packs"));
        directories.create(folder.resolve("store/packs"));
        assertTrue(Files.isDirectory(folder.resolve("store/packs")));
    }

    @Test
    void deletionIsSynced() throws IOException {
        var directories = new DurableDirectories(folder.resolve("store"), this::sync);
        directories.create(folder.resolve("store/packs"));
        var file = Files.writeString(folder.resolve("store/packs/a"), "a");
        takeSynced();
        syncFails = true;
        assertThrows(IOException.class, () -> directories.delete(file));
        syncFails = false;
        directories.delete(file);
        assertEquals(List.of("store/packs"), takeSynced());
        assertTrue(Files.notExists(file));
        directories.delete(folder.resolve("store/none/a"));
        assertEquals(List.of(), takeSynced());
    }
}
