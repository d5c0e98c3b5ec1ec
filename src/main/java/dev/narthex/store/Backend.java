package dev.narthex.store;

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
 * Where packs are kept, and snapshots of the database beside them. An object, mostly a pack, appears as a whole or not at all, never changes, and is durable once {@link Writer#commit}
 * has returned. Safe for use by many threads.
 */
public interface Backend {
    /** By which rows of packs name it, for ever. */
    int number();

    /** By which people name it. */
    String name();

    /** For people: where it is. */
    String place();

    /**
     * Tries what it will be asked for.
     *
     * @throws IOException if it cannot be used; the message is one sentence for whoever set it up
     */
    void check() throws IOException;

    /** Starts a pack. Nothing is visible under the key before commit. */
    Writer begin(StoreKey key) throws IOException;

    /**
     * Opens bytes [from, from + count) of a pack.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such pack
     */
    InputStream open(StoreKey key, long from, long count) throws IOException;

    /** In bytes; empty if there is no such pack. */
    OptionalLong size(StoreKey key) throws IOException;

    /** Removes the pack and what an unfinished writer left of it. Without either it has no effect. */
    void delete(StoreKey key) throws IOException;

    /** The file that is the pack, for backends of files. It may not exist. */
    Optional<Path> file(StoreKey key);

    /**
     * An address at which whoever has it may read the whole pack, without this server; empty if there is no such thing.
     *
     * @param validity from now on
     */
    Optional<URI> address(StoreKey key, Duration validity);

    /** Whether packs have such addresses at all. */
    boolean hasAddresses();

    /**
     * Removes what writers left that were killed.
     *
     * @param age since the last write; above the longest pause of a living writer
     * @return how many
     */
    int deleteUnfinished(Duration age) throws IOException;

    /**
     * All objects below a folder, in no order. To be closed.
     *
     * @param folder such as {@code packs}
     */
    Stream<Listed> list(String folder) throws IOException;

    /** @param path as {@link StoreKey#path} gives it */
    record Listed(String path, long bytes) {}

    /** How long a living writer may pause, as far as one can know at a start: zero where no other process writes. */
    Duration longestPause();

    /** How long after it failed a write may still be carried out: zero where nothing lies between. */
    Duration longestDelay();

    /** One pack being written by one thread. Closing without commit leaves nothing. */
    interface Writer extends Closeable {
        void write(byte[] bytes, int from, int count) throws IOException;

        /** Returns once the pack would survive a power failure. */
        void commit() throws IOException;
    }
}
