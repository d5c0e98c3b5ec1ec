package dev.narthex.problem;

import java.io.IOException;

/**
 * What holds the bytes does not answer now: answered 503, with {@code Retry-After}. An IOException and not a problem of its
 * own, since who reads a package takes a problem as what is wrong with the package.
 */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int WAIT_SECONDS = 30;

    /** @param what went wrong, for the log */
    public UnreachableException(String what, Throwable cause) {
        super(what, cause);
    }

    /** To be told to clients. */
    Problem problem() {
        return new Problem.Unavailable("The store of packages does not answer now. Try again later.", WAIT_SECONDS);
    }
}
