package dev.narthex.spi;

import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/**
 * Reads the lockfiles of an ecosystem's clients, which name the exact files that a project uses. An optional ability of an
 * {@link Ecosystem}. Stateless and thread-safe.
 */
public interface LockfileReader {
    /** Names of the supported lockfiles, for people. */
    String locks();

    /**
     * Reports every entry of a lockfile in order, including entries that are not files. Input is hostile: it is read as a stream,
     * and no reference in it is followed.
     *
     * @param lock well-formed text of bounded length; the caller closes it
     * @param visitor receives the entries, and throws if there are too many
     * @throws dev.narthex.problem.ProblemException Unprocessable if the text is not such a lockfile; names the line or member
     */
    void read(Reader lock, LockfileVisitor visitor) throws IOException;

    /**
     * Returns where the registry serves this file, relative to {@code /registry/{cache}/{ecosystem}/}; empty if it does not.
     *
     * @param filename of the file in this registry, or in the lockfile
     */
    Optional<String> route(LockedFile file, String filename);

    /**
     * Whether clients can use a file of this name as it is. Files that they would have to build first, such as sdists, are listed
     * after those.
     */
    boolean isUsable(String filename);
}
