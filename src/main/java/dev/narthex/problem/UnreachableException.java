package dev.narthex.problem;

import java.io.IOException;

/**
 * A backend that stores the bytes is not reachable; reported as 503 with {@code Retry-After}. It is an IOException and not a
 * {@link ProblemException}, because code that reads packages treats problems as errors of the package.
 */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int WAIT_SECONDS = 30;

    /** @param what what went wrong, for the log */
    public UnreachableException(String what, Throwable cause) {
        super(what, cause);
    }

    /** The problem to report to clients. */
    Problem problem() {
        return new Problem.Unavailable("The store of packages does not answer now. Try again later.", WAIT_SECONDS);
    }
}
