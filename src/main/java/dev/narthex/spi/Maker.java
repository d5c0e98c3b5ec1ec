package dev.narthex.spi;

import java.io.IOException;
import java.io.InputStream;

/** Makes the bytes of a file, the same at every call, in memory that does not grow with them. */
@FunctionalInterface
public interface Maker {
    /**
     * The caller closes the stream.
     *
     * @throws NotOffered from here or from any read, if something shows up that clients could not use
     */
    InputStream open() throws IOException;
}
