package dev.narthex.store;

import java.io.IOException;

/** Stored bytes that are not what was written: a fault of disk or database, never of a caller. */
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(String detail) {
        super(detail);
    }
}
