package dev.narthex.spi;

/** Encrypts secrets at rest with the key of this instance. */
public interface SecretWrapper {
    byte[] wrap(byte[] secret);

    /** @throws IllegalStateException if the bytes were wrapped with the key of another instance or were modified */
    byte[] unwrap(byte[] wrapped);
}
