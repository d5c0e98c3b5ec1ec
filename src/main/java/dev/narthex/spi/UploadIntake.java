package dev.narthex.spi;

import java.io.IOException;
import java.io.InputStream;

/** Receives uploads to a cache: the part that does not depend on the package. */
public interface UploadIntake {
    /** Largest accepted file, in bytes. */
    long largestFile();

    /**
     * Wraps a request body so that its bytes count against the cache's limits. Call it before the first read, so that a client
     * that waits for 100 Continue does not send a body that is refused anyway.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge if the cache is full, TooManyRequests
     */
    InputStream admit(InputStream body);

    /**
     * Spools a file. The caller closes it.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge
     */
    ReceivedFile receive(ReceivedFile.Source source) throws IOException;
}
