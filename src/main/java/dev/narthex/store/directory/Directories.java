package dev.narthex.store.directory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Changes of directories that survive a power failure: an entry is durable once its directory was synced (fsync(2)). */
final class Directories {
    private Directories() {}

    /** Makes a directory and those above it, each synced into its parent. Others may do the same at the same time. */
    static void create(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        var parent = parent(directory);
        create(parent);
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException another) {
            // whoever made it may not have synced it yet
        }
        sync(parent);
    }

    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(parent(to));
    }

    static Path parent(Path path) {
        return Objects.requireNonNull(path.toAbsolutePath().getParent(), "the root has no parent");
    }

    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
