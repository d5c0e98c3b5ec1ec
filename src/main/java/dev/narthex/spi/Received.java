package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A file that a client sent, to be looked at before it is published. It lies on disk, whatever its size, under no name; closed,
 * or after a crash, it is gone.
 */
public interface Received extends AutoCloseable {
    /** In bytes. */
    long length();

    /** SHA-1, SHA-256 and SHA-512 are known. */
    NixHash hash(HashAlgorithm algorithm);

    /** From its beginning, as often as wanted. The caller closes the stream. */
    InputStream open() throws IOException;

    @Override
    void close() throws IOException;

    /** Writes a file to its end, as far as it comes. */
    @FunctionalInterface
    interface Source {
        void writeTo(OutputStream file) throws IOException;
    }
}
