package dev.narthex.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** An immutable sequence of bytes of known length that can be read from any offset. */
public interface Content {
    /** Length in bytes. */
    long length();

    /**
     * Opens bytes [from, from + count). The caller closes the stream; several streams may be open at the same time.
     *
     * @throws IndexOutOfBoundsException if the range is not within [0, length)
     */
    InputStream open(long from, long count) throws IOException;

    /**
     * Returns the file whose bytes [offset, offset + length) are this content, so that the kernel can send it; else
     * empty.
     */
    default Optional<FileRegion> file() {
        return Optional.empty();
    }

    default InputStream open() throws IOException {
        return open(0, length());
    }

    /** @param offset offset of the first byte in the file */
    record FileRegion(Path path, long offset) {}

    /** Returns the bytes if they are in memory anyway; else empty. */
    default Optional<byte[]> bytesInMemory() {
        return Optional.empty();
    }

    static Content of(byte[] bytes) {
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open(long from, long count) {
                Objects.checkFromIndexSize(from, count, length());
                return new ByteArrayInputStream(bytes, (int) from, (int) count);
            }

            @Override
            public Optional<byte[]> bytesInMemory() {
                return Optional.of(bytes);
            }
        };
    }

    /** Returns bytes [offset, offset + count) of this content. */
    default Content slice(long offset, long count) {
        Objects.checkFromIndexSize(offset, count, length());
        var outer = this;
        return new Content() {
            @Override
            public long length() {
                return count;
            }

            @Override
            public InputStream open(long from, long n) throws IOException {
                Objects.checkFromIndexSize(from, n, count);
                return outer.open(offset + from, n);
            }

            @Override
            public Optional<FileRegion> file() {
                return outer.file().map(region -> new FileRegion(region.path(), region.offset() + offset));
            }
        };
    }
}
