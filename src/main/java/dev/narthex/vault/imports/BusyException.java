package dev.narthex.vault.imports;

import java.io.IOException;
import java.time.Duration;

/** The source is temporarily unavailable. */
final class BusyException extends IOException {
    private static final int MAX_SECONDS = 60;

    private final int seconds;

    /** @param seconds waiting time that the source requested, 0 if none */
    BusyException(int status, int seconds) {
        super("the source answers with status " + status);
        this.seconds = Math.clamp(seconds, 0, MAX_SECONDS);
    }

    Duration wait(Duration usual) {
        return usual.toSeconds() < seconds ? Duration.ofSeconds(seconds) : usual;
    }
}
