package dev.narthex.problem;

import java.util.Optional;

/** Recognizes exceptions whose cause is outside the program, such as an outage of the database or damaged stored bytes. */
public interface TransientFaults {
    /**
     * Returns the problem to report to the client.
     *
     * @param fault the exception with its causes
     * @return empty if the exception has another cause
     */
    Optional<Problem> of(Throwable fault);
}
