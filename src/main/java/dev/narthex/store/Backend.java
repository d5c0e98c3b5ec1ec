package dev.narthex.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where packs are kept. A pack appears as a whole or not at all, never changes, and is durable once {@link Writer#commit}
 * has returned. Safe for use by many threads.
 */
public interface Backend {
    /** Starts a pack. Nothing is visible under the key before commit. */
    Writer begin(PackKey key) throws IOException;

    /**
     * Opens bytes [from, from + count) of a pack.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such pack
     */
    InputStream open(PackKey key, long from, long count) throws IOException;

    /** In bytes; empty if there is no such pack. */
    OptionalLong size(PackKey key) throws IOException;

    /** Removes the pack and what an unfinished writer left of it. Without either it has no effect. */
    void delete(PackKey key) throws IOException;

    /** The file that is the pack, for backends of files. It may not exist. */
    Optional<Path> file(PackKey key);

    /**
     * Removes what writers left that were killed.
     *
     * @param age since the last write; above the longest pause of a living writer
     * @return how many
     */
    int deleteUnfinished(Duration age) throws IOException;

    /** One pack being written by one thread. Closing without commit leaves nothing. */
    interface Writer extends Closeable {
        void write(byte[] bytes, int from, int count) throws IOException;

        /** Returns once the pack would survive a power failure. */
        void commit() throws IOException;
    }
}
