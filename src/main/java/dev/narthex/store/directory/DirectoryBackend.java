package dev.narthex.store.directory;

import dev.narthex.content.FullDisk;
import dev.narthex.store.Backend;
import dev.narthex.store.StoreKey;
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
    private static final String FULL = "There is no space left for new packages. Try again later.";

    /** In bytes. A background sync starts each time this much was written, so that little is left to sync at commit. */
    private static final int BEGIN = 8 << 20;

    private final Path root;
    private final Directories directories;
    private final Path unfinished;

    @Inject
    DirectoryBackend(@ConfigProperty(name = "narthex.data") String data) throws IOException {
        this(Path.of(data, "store"));
    }

    /** @param root created if absent */
    public DirectoryBackend(Path root) throws IOException {
        this.root = root;
        this.directories = new Directories(root);
        this.unfinished = Files.createDirectories(root.resolve("tmp"));
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
    public String place() {
        return root.toString();
    }

    @Override
    public void check() throws IOException {
        if (!Files.isWritable(unfinished)) {
            throw new IOException("The folder " + root + " for packs cannot be written.");
        }
    }

    @Override
    public Writer begin(StoreKey key) throws IOException {
        var tmp = unfinished.resolve(key.unfinished());
        try {
            return new PackFile(tmp, file(key).orElseThrow());
        } catch (IOException e) {
            throw FullDisk.explained(e, root, FULL);
        }
    }

    @Override
    public InputStream open(StoreKey key, long from, long count) throws IOException {
        var channel = FileChannel.open(file(key).orElseThrow(), StandardOpenOption.READ);
        try {
            Objects.checkFromIndexSize(from, count, channel.size());
            channel.position(from);
            return new Bounded(channel, count);
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
        Files.deleteIfExists(unfinished.resolve(key.unfinished()));
        directories.delete(file(key).orElseThrow());
    }

    @Override
    public Optional<Path> file(StoreKey key) {
        return Optional.of(root.resolve(key.path()));
    }

    @Override
    public Optional<URI> address(StoreKey key, Duration validity) {
        return Optional.empty();
    }

    @Override
    public boolean hasAddresses() {
        return false;
    }

    /** Zero, because only this process uses the data folder, and it has not written yet. */
    @Override
    public Duration longestPause() {
        return Duration.ZERO;
    }

    @Override
    public Duration longestDelay() {
        return Duration.ZERO;
    }

    @Override
    public int deleteUnfinished(Duration age) throws IOException {
        var limit = Instant.now().minus(age);
        int deleted = 0;
        try (var files = Files.newDirectoryStream(unfinished)) {
            for (var file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(limit) && Files.deleteIfExists(file)) {
                    deleted++;
                }
            }
        }
        return deleted;
    }

    @Override
    public Stream<Listed> list(String folder) throws IOException {
        var start = root.resolve(folder);
        return Files.isDirectory(start)
                ? Files.walk(start).filter(Files::isRegularFile).flatMap(this::listed)
                : Stream.empty();
    }

    /** Empty if the file was deleted in the meantime. */
    private Stream<Listed> listed(Path file) {
        try {
            return Stream.of(new Listed(root.relativize(file).toString(), Files.size(file)));
        } catch (NoSuchFileException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class PackFile implements Writer {
        private final Path tmp;
        private final Path target;
        private final FileChannel channel;
        private CompletableFuture<Void> syncing = CompletableFuture.completedFuture(null);
        private int unsynced;

        PackFile(Path tmp, Path target) throws IOException {
            this.tmp = tmp;
            this.target = target;
            this.channel = FileChannel.open(tmp, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            try {
                for (var rest = ByteBuffer.wrap(bytes, from, count); rest.hasRemaining(); ) {
                    channel.write(rest);
                }
                unsynced += count;
                if (unsynced >= BEGIN && syncing.isDone()) {
                    unsynced = 0;
                    syncing = syncing.thenRunAsync(this::sync, Thread::startVirtualThread);
                }
            } catch (IOException e) {
                throw FullDisk.explained(e, root, FULL);
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
                syncing.join();
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
                directories.create(Directories.parent(target));
                directories.move(tmp, target);
            } catch (IOException e) {
                throw FullDisk.explained(e, root, FULL);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.deleteIfExists(tmp);
        }
    }
}
