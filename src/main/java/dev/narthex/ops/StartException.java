package dev.narthex.ops;

/** The server cannot start. The message is for the operator. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message, null, false, false);
    }
}
