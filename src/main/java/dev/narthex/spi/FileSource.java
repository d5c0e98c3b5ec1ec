package dev.narthex.spi;

import java.io.IOException;
import java.io.InputStream;

/** Produces the bytes of a derived file: the same on every call, in memory that does not depend on the file's size. */
@FunctionalInterface
public interface FileSource {
    /**
     * Opens the file. The caller closes the stream.
     *
     * @throws NotOffered from this call or from any read, if the content turns out to be unusable for clients
     */
    InputStream open() throws IOException;
}
