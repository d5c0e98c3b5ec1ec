package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The data folder of an instance, locked by one process at a time. */
public final class DataFolder implements AutoCloseable {
    private final Path path;
    private final RandomAccessFile file;
    private final FileLock lock;

    private DataFolder(Path path, RandomAccessFile file, FileLock lock) {
        this.path = path;
        this.file = file;
        this.lock = lock;
    }

    /**
     * Locks the data folder; creates it if necessary.
     *
     * @throws StartException if the folder cannot be created or another process holds it
     */
    public static DataFolder lock(Path folder) throws IOException {
        var path = folder.toAbsolutePath().normalize();
        try {
            FolderPermissions.createFolder(path);
        } catch (IOException e) {
            throw new StartException("The data folder " + path + " cannot be made: " + e.getMessage());
        }
        var file = new RandomAccessFile(path.resolve("lock").toFile(), "rw");
        var lock = tryLock(file);
        if (lock == null) {
            var holder = file.readLine();
            file.close();
            throw new StartException("The data folder " + path + " is in use by another Narthex (process " + holder
                    + "). Stop that process, or choose another folder with --data.");
        }
        file.setLength(0);
        file.writeBytes(ProcessHandle.current().pid() + "\n");
        FolderPermissions.restrictAccess(path);
        return new DataFolder(path, file, lock);
    }

    private static @Nullable FileLock tryLock(RandomAccessFile file) throws IOException {
        try {
            return file.getChannel().tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    public Path path() {
        return path;
    }

    /** Writes a file that only this user can read. */
    public static void writeSecret(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    @Override
    public void close() throws IOException {
        lock.release();
        file.close();
    }
}
