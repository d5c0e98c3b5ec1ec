package dev.narthex.store.pack;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Stores packs and database snapshots. An object becomes visible as a whole or not at all, never changes, and is durable once
 * {@link Writer#commit} has returned. Thread-safe.
 */
public interface Backend {
    /** Number of the backend in rows of the table pack. Must never change. */
    int number();

    /** Name in settings, such as {@code s3}. */
    String name();

    /** Location for messages, such as a folder or a bucket. */
    String location();

    /**
     * Checks that all required operations work.
     *
     * @throws IOException if the backend is not usable; the message is one sentence for the administrator
     */
    void check() throws IOException;

    /** Starts writing an object. The key becomes visible on commit. */
    Writer openWriter(StoreKey key) throws IOException;

    /**
     * Opens bytes [from, from + count) of an object.
     *
     * @throws java.nio.file.NoSuchFileException if the object does not exist
     */
    InputStream open(StoreKey key, long from, long count) throws IOException;

    /** Size of the object in bytes; empty if it does not exist. */
    OptionalLong size(StoreKey key) throws IOException;

    /** Deletes the object and anything that an unfinished writer left. Has no effect if neither exists. */
    void delete(StoreKey key) throws IOException;

    /** Returns the file that contains the object; empty for backends that do not use files. The file may not exist. */
    Optional<Path> file(StoreKey key);

    /**
     * Returns a URL at which anyone who has it can read the whole object without this server; empty if the backend does not
     * support it.
     *
     * @param validity how long the URL works from now on
     */
    Optional<URI> presignedUrl(StoreKey key, Duration validity);

    /** Whether clients may be redirected to URLs of this backend. */
    boolean canRedirect();

    /**
     * Deletes what killed writers left behind.
     *
     * @param age minimum time since the last write; must exceed the longest pause of a living writer
     * @return the number of deleted leftovers
     */
    int deleteUnfinished(Duration age) throws IOException;

    /**
     * Lists all objects in a folder and its subfolders, in no particular order. The caller closes the stream.
     *
     * @param folder such as {@code packs}
     */
    Stream<BackendObject> list(String folder) throws IOException;

    /** @param path as returned by {@link StoreKey#path} */
    record BackendObject(String path, long bytes) {}

    /** Longest pause of a living writer that may exist when this process starts; zero if no other process writes. */
    Duration maxWriterPause();

    /** How long after its failure a write may still take effect; zero if there is no network in between. */
    Duration maxWriteDelay();

    /** Writes one object. Not thread-safe. Closing it without commit leaves nothing behind. */
    interface Writer extends Closeable {
        void write(byte[] bytes, int from, int count) throws IOException;

        /** Makes the object visible. Returns once it would survive a power failure. */
        void commit() throws IOException;
    }
}
