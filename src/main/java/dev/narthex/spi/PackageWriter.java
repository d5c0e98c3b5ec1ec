package dev.narthex.spi;

import java.io.IOException;
import java.io.InputStream;

/** One package of one cache, as far as the caller may change it. Whatever is changed is in the audit, under his name. */
public interface PackageWriter {
    /** The cache, for reading. */
    Registry registry();

    /** In bytes: the largest file that is taken. */
    long largestFile();

    /**
     * A request's body, whose bytes count from now on.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge if the cache is full, TooManyRequests; to be called before the first
     *     read, so that a client that waits for 100 Continue sends nothing in vain
     */
    InputStream admit(InputStream body);

    /**
     * Takes a file. The caller closes it.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    Received receive(Received.Source source) throws IOException;

    /**
     * Publishes a release with this one file, all or nothing: its bytes are durable and named before this returns. They are
     * promised, and the package's name is this cache's own from then on. Again with the same bytes it changes nothing but tags.
     *
     * @return whether the release is new
     * @throws dev.narthex.problem.ProblemException Forbidden if the version is here, or was, with other bytes
     */
    boolean publish(Publication publication, Received file) throws IOException;

    /**
     * Changes the package, all or nothing.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if nothing of it is released, and whatever the changes throw
     */
    void change(PackageEdit.Changes changes);
}
