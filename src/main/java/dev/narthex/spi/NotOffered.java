package dev.narthex.spi;

import java.io.IOException;

/**
 * A tree turned out to hold what works only where it was built. An IOException because it surfaces in the middle of reads;
 * without a stack trace, as it says something about the input and nothing about us.
 */
public final class NotOffered extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason a sentence for people, without a full stop; may name files of the tree */
    public NotOffered(String reason) {
        super(reason);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
