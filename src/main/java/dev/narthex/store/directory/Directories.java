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
 * Directories below one, and changes of them that survive a power failure: an entry is durable once its directory was synced
 * (fsync(2)). That a directory is there says nothing: whoever made it may not have synced it yet, or failed to. So each is
 * synced into its parent by every process that uses it, once.
 */
final class Directories {
    /** 256 of each domain; what is forgotten is synced once more. */
    private static final int MOST_DURABLE = 100_000;

    private final Path root;
    private final Sync sync;
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    /** Makes the entries of a directory durable. */
    interface Sync {
        void of(Path directory) throws IOException;
    }

    /** @param root made if absent, with those above it */
    Directories(Path root) throws IOException {
        this(root, Directories::force);
    }

    Directories(Path root, Sync sync) throws IOException {
        this.root = Files.createDirectories(root).toAbsolutePath();
        this.sync = sync;
        sync.of(parent(this.root));
    }

    /** Makes a directory below the root, and those between. Others may do the same at the same time. */
    void create(Path directory) throws IOException {
        var path = directory.toAbsolutePath();
        if (path.equals(root) || (durable.contains(path) && Files.isDirectory(path))) {
            return;
        }
        var parent = parent(path);
        create(parent);
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException another) {
            // whoever made it may not have synced it yet
        }
        sync.of(parent);
        if (durable.size() > MOST_DURABLE) {
            durable.clear();
        }
        durable.add(path);
    }

    void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync.of(parent(to));
    }

    /**
     * Removes a file, if it is there, so that no power failure brings it back: whoever knew of it forgets it then. That it is
     * not there says nothing; whoever removed it may have failed to sync.
     */
    void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        var parent = parent(file);
        if (Files.isDirectory(parent)) {
            sync.of(parent);
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
