package dev.narthex.spi;

import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/**
 * An ability of some ecosystems: to read the locks of their clients, which name the very files that a project is made of.
 * Stateless and thread-safe.
 */
public interface LockReader {
    /** The locks that it reads, as people call them. */
    String locks();

    /**
     * Tells every file of a lock in its order, and what has none. Input is hostile: read as a stream, and nothing is followed
     * that the lock refers to.
     *
     * @param lock well-formed text of bounded length; the caller closes it
     * @param found refuses what becomes too much
     * @throws dev.narthex.problem.ProblemException Unprocessable for whatever is no such lock, naming line or member
     */
    void read(Reader lock, LockedFiles found) throws IOException;

    /**
     * Where its face serves such a file, below {@code /registry/{cache}/{ecosystem}/}, if it does.
     *
     * @param filename of the file in this registry, or what the lock calls it
     */
    Optional<String> route(LockedFile file, String filename);

    /** Whether clients use a file of this name as it is. What they would have to build first is told after those. */
    boolean ready(String filename);
}
