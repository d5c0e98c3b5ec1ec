package dev.narthex.store.directory;

import dev.narthex.http.DiskFullErrors;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.StoreKey;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Stores packs and snapshots as files: {@code packs/<domain>/<2 hex>/<name>}, and {@code tmp/<name>} while they are written. A
 * file is synced, renamed into place, and then its directory is synced, in this order, so files under {@code packs} are
 * complete after any crash.
 */
@Singleton
public class DirectoryBackend implements Backend {
    private static final String DISK_FULL_DETAIL = "There is no space left for new packages. Try again later.";

    /** In bytes. A background sync starts each time this much was written, so that little is left to sync at commit. */
    private static final int BACKGROUND_SYNC_BYTES = 8 << 20;

    private final Path root;
    private final DurableDirectories durableDirectories;
    private final Path temporaryFolder;

    @Inject
    DirectoryBackend(@ConfigProperty(name = "narthex.data") String data) throws IOException {
        this(Path.of(data, "store"));
    }

    /** @param root created if absent */
    public DirectoryBackend(Path root) throws IOException {
        this.root = root;
        this.durableDirectories = new DurableDirectories(root);
        this.temporaryFolder = Files.createDirectories(root.resolve("tmp"));
    }

    @Override
    public int number() {
        return 0;
    }

    @Override
    public String name() {
        return "directory";
    }

    @Override
    public String location() {
        return root.toString();
    }

    @Override
    public void check() throws IOException {
        if (!Files.isWritable(temporaryFolder)) {
            throw new IOException("The folder " + root + " for packs cannot be written.");
        }
    }

    @Override
    public Writer openWriter(StoreKey key) throws IOException {
        var temporaryFile = temporaryFolder.resolve(key.temporaryName());
        try {
            return new TemporaryPackFile(temporaryFile, file(key).orElseThrow());
        } catch (IOException e) {
            throw DiskFullErrors.translate(e, root, DISK_FULL_DETAIL);
        }
    }

    @Override
    public InputStream open(StoreKey key, long from, long count) throws IOException {
        var channel = FileChannel.open(file(key).orElseThrow(), StandardOpenOption.READ);
        try {
            Objects.checkFromIndexSize(from, count, channel.size());
            channel.position(from);
            return new ExactInputStream(channel, count);
        } catch (IOException | IndexOutOfBoundsException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public OptionalLong size(StoreKey key) throws IOException {
        try {
            return OptionalLong.of(Files.size(file(key).orElseThrow()));
        } catch (NoSuchFileException absent) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void delete(StoreKey key) throws IOException {
        Files.deleteIfExists(temporaryFolder.resolve(key.temporaryName()));
        durableDirectories.delete(file(key).orElseThrow());
    }

    @Override
    public Optional<Path> file(StoreKey key) {
        return Optional.of(root.resolve(key.path()));
    }

    @Override
    public Optional<URI> presignedUrl(StoreKey key, Duration validity) {
        return Optional.empty();
    }

    @Override
    public boolean canRedirect() {
        return false;
    }

    /** Zero, because only this process uses the data folder, and it has not written yet. */
    @Override
    public Duration maxWriterPause() {
        return Duration.ZERO;
    }

    @Override
    public Duration maxWriteDelay() {
        return Duration.ZERO;
    }

    @Override
    public int deleteUnfinished(Duration age) throws IOException {
        var cutoff = Instant.now().minus(age);
        int deleted = 0;
        try (var files = Files.newDirectoryStream(temporaryFolder)) {
            for (var file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(cutoff) && Files.deleteIfExists(file)) {
                    deleted++;
                }
            }
        }
        return deleted;
    }

    @Override
    public Stream<BackendObject> list(String folder) throws IOException {
        var start = root.resolve(folder);
        return Files.isDirectory(start)
                ? Files.walk(start).filter(Files::isRegularFile).flatMap(this::toBackendObject)
                : Stream.empty();
    }

    /** Empty if the file was deleted in the meantime. */
    private Stream<BackendObject> toBackendObject(Path file) {
        try {
            return Stream.of(new BackendObject(root.relativize(file).toString(), Files.size(file)));
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class TemporaryPackFile implements Writer {
        private final Path temporaryFile;
        private final Path target;
        private final FileChannel channel;
        private CompletableFuture<Void> backgroundSync = CompletableFuture.completedFuture(null);
        private int unsyncedBytes;

        TemporaryPackFile(Path temporaryFile, Path target) throws IOException {
            this.temporaryFile = temporaryFile;
            this.target = target;
            this.channel = FileChannel.open(temporaryFile, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            try {
                for (var remaining = ByteBuffer.wrap(bytes, from, count); remaining.hasRemaining(); ) {
                    channel.write(remaining);
                }
                unsyncedBytes += count;
                if (unsyncedBytes >= BACKGROUND_SYNC_BYTES && backgroundSync.isDone()) {
                    unsyncedBytes = 0;
                    backgroundSync = backgroundSync.thenRunAsync(this::sync, Thread::startVirtualThread);
                }
            } catch (IOException e) {
                throw DiskFullErrors.translate(e, root, DISK_FULL_DETAIL);
            }
        }

        private void sync() {
            try {
                channel.force(false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /**
         * Waits for the background sync and reports its failure. The kernel reports a failed write-back only once per open
         * file, so a later sync would succeed (fsync(2), Linux 4.13).
         */
        private void awaitSync() throws IOException {
            try {
                backgroundSync.join();
            } catch (CompletionException e) {
                throw new IOException(e.getCause());
            }
        }

        @Override
        public void commit() throws IOException {
            try {
                awaitSync();
                channel.force(true);
                channel.close();
                durableDirectories.create(DurableDirectories.parent(target));
                durableDirectories.move(temporaryFile, target);
            } catch (IOException e) {
                throw DiskFullErrors.translate(e, root, DISK_FULL_DETAIL);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(temporaryFile);
        }
    }
}
