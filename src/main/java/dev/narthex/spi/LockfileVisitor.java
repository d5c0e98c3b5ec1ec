package dev.narthex.spi;

import java.util.List;

/** Receives the entries that a {@link LockfileReader} finds. */
public interface LockfileVisitor {
    /** @param format name of the lockfile format, such as {@code yarn.lock v1} */
    void format(String format);

    /**
     * Adds a dependency that is one file.
     *
     * @param file must have a file name
     * @throws dev.narthex.problem.ProblemException Unprocessable if the key was added before, TooLarge
     */
    void add(LockedFile file);

    /**
     * Adds a dependency that is any one of these files; clients choose the one for their platform.
     *
     * @param files files of one name and version; at least one
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    void choice(List<LockedFile> files);

    /**
     * Adds a dependency that is not a file with a fixed hash.
     *
     * @param reason a sentence without its subject and period, such as {@code comes out of git}
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    void skip(String key, String reason);
}
