package dev.narthex.ops;

/** Why the server cannot start, in words for the person who started it. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message, null, false, false);
    }
}
