package dev.narthex.spi;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * An uploaded file that is not published yet. It is stored on disk, even if it is small, and deleted when it is closed or the
 * process ends.
 */
public interface ReceivedFile extends AutoCloseable {
    /** Length in bytes. */
    long length();

    /** Returns its SHA-1, SHA-256 or SHA-512. */
    NixHash hash(HashAlgorithm algorithm);

    /** Opens the file at its beginning; may be called repeatedly. The caller closes the stream. */
    InputStream open() throws IOException;

    @Override
    void close() throws IOException;

    /** Writes a whole file as it arrives. */
    @FunctionalInterface
    interface Source {
        void writeTo(OutputStream file) throws IOException;
    }
}
