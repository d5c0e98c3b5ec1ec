package dev.narthex.spi;

import java.io.IOException;
import java.io.InputStream;

/** Takes what somebody sends to a cache, as far as that is the same whatever it is about. */
public interface Intake {
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
}
