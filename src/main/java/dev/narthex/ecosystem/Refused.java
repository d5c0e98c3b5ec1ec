package dev.narthex.ecosystem;

import java.io.IOException;

/**
 * An archive that is not what its name says or that would hurt who unpacks it. An IOException because it surfaces in the
 * middle of reads; without a stack trace, as it says something about the input and nothing about us.
 */
public final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param reason one sentence, without text of the input */
    public Refused(String reason) {
        super(reason);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
