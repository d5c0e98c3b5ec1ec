package dev.narthex.store.pack;

import java.io.IOException;

/** Stored bytes differ from those that were written: a fault of the disk or database, never of a client. */
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedException(String detail) {
        super(detail);
    }
}
