package dev.narthex.spi;

import java.io.IOException;

/**
 * Thrown if a tree contains files that work only where they were built. An IOException because it occurs in the middle of reads;
 * without a stack trace because it reports bad input, not a bug.
 */
public final class NotOfferedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason a sentence for people, without a period; may name files of the tree */
    public NotOfferedException(String reason) {
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
