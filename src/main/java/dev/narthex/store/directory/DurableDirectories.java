package dev.narthex.store.directory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Creates directories and moves and deletes files in a way that survives a power failure: an entry is durable only after its
 * directory was synced (fsync(2)). The existence of a directory proves nothing, since the process that created it may not have
 * synced it, or failed to. Each process therefore syncs every directory that it uses into its parent once.
 */
final class DurableDirectories {
    /** Each domain has 256 directories. Forgotten ones are merely synced again. */
    private static final int MAX_REMEMBERED = 100_000;

    private final Path root;
    private final DirectorySync sync;
    private final Set<Path> syncedDirectories = ConcurrentHashMap.newKeySet();

    /** Makes the entries of a directory durable. */
    interface DirectorySync {
        void flush(Path directory) throws IOException;
    }

    /** @param root created with its parents if absent */
    DurableDirectories(Path root) throws IOException {
        this(root, DurableDirectories::force);
    }

    DurableDirectories(Path root, DirectorySync sync) throws IOException {
        this.root = Files.createDirectories(root).toAbsolutePath();
        this.sync = sync;
        sync.flush(parent(this.root));
    }

    /** Creates a directory below the root and its parents. Safe to call concurrently. */
    void create(Path directory) throws IOException {
        var path = directory.toAbsolutePath();
        if (path.equals(root) || (syncedDirectories.contains(path) && Files.isDirectory(path))) {
            return;
        }
        var parent = parent(path);
        create(parent);
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException alreadyExists) {
            // the process that created it may not have synced it yet
        }
        sync.flush(parent);
        if (syncedDirectories.size() > MAX_REMEMBERED) {
            syncedDirectories.clear();
        }
        syncedDirectories.add(path);
    }

    void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync.flush(parent(to));
    }

    /**
     * Deletes a file so that it does not reappear after a power failure, because the caller then forgets it. Syncs even if the
     * file does not exist: an earlier deletion may have failed to sync.
     */
    void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        var parent = parent(file);
        if (Files.isDirectory(parent)) {
            sync.flush(parent);
        }
    }

    static Path parent(Path path) {
        return Objects.requireNonNull(path.toAbsolutePath().getParent(), "the root has no parent");
    }

    private static void force(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
