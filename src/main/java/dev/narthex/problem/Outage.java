package dev.narthex.problem;

import java.util.Optional;

/** Knows faults that are none of the program: what it works with does not answer now, and will again. */
public interface Outage {
    /**
     * What to tell the client.
     *
     * @param fault with its causes
     * @return empty if it is something else
     */
    Optional<Problem> of(Throwable fault);
}
