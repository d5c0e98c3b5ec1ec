package dev.narthex.archive;

import java.io.IOException;

/**
 * Thrown for an archive that is malformed or dangerous to unpack. An IOException because it occurs in the middle of reads;
 * without a stack trace because it reports bad input, not a bug.
 */
public final class ArchiveRejectedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param reason one sentence, without any text from the input */
    public ArchiveRejectedException(String reason) {
        super(reason);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
