package dev.narthex.spi;

import java.util.List;

/** Where the reader of a lock puts what it finds. */
public interface LockedFiles {
    /** @param format of the lock, for people, such as {@code yarn.lock v1} */
    void format(String format);

    /**
     * A dependency that is this file.
     *
     * @param file has a name
     * @throws dev.narthex.problem.ProblemException Unprocessable if the key was there before, TooLarge
     */
    void add(LockedFile file);

    /**
     * A dependency that is any of these files: clients take the one that suits them.
     *
     * @param files of one name and version; at least one
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    void choice(List<LockedFile> files);

    /**
     * A dependency that is no file of fixed content.
     *
     * @param reason a sentence without its subject and full stop, such as {@code comes out of git}
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    void skip(String key, String reason);
}
