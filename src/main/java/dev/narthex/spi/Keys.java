package dev.narthex.spi;

/** Wraps secrets at rest with the key of this instance. */
public interface Keys {
    byte[] wrap(byte[] secret);

    /** @throws IllegalStateException if the bytes were wrapped by another instance's key or were changed */
    byte[] unwrap(byte[] wrapped);
}
