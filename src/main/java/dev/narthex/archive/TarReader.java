package dev.narthex.archive;

import dev.narthex.stream.BlockInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads a tar (POSIX.1-2024 pax, "ustar Interchange Format" and "pax Header Block") entry by entry, with the long names of GNU
 * tar. Input is hostile. Unlike commons-compress, it never holds more than a header and {@value #EXTENSION_BYTES} bytes of
 * extension, and does not recurse on consecutive headers.
 */
public final class TarReader {
    private static final int BLOCK = 512;
    private static final int EXTENSION_BYTES = 64 * 1024;
    private static final int EXTENSIONS_IN_A_ROW = 8;
    private static final int CHECKSUM_FROM = 148;
    private static final int CHECKSUM_TO = 156;

    private final InputStream in;
    private final byte[] header = new byte[BLOCK];
    private long remaining;
    private long padding;

    public TarReader(InputStream in) {
        this.in = in;
    }

    /** Type of an entry; links and devices are OTHER. */
    public enum Kind {
        FILE,
        DIRECTORY,
        OTHER
    }

    /**
     * @param path as written, unchecked
     * @param size of its content in bytes
     * @param link link target, unchecked
     */
    public record Entry(String path, Kind kind, long size, Link link) {}

    /** Target of a link, as written. */
    public sealed interface Link {
        /** The entry is not a link. */
        record None() implements Link {}

        /** @param target relative to the directory of the entry */
        record Symbolic(String target) implements Link {}

        /** @param target path of an earlier entry */
        record Hard(String target) implements Link {}
    }

    /**
     * Skips the rest of the current entry and reads the next one.
     *
     * @return empty at the end of the archive
     */
    public Optional<Entry> next() throws IOException {
        var extended = new ExtendedHeader("", "", -1);
        for (int row = 0; row <= EXTENSIONS_IN_A_ROW; row++) {
            skipRest();
            if (!readHeader()) {
                return Optional.empty();
            }
            char type = (char) (header[156] & 0xff);
            begin(number(124, 12));
            switch (type) {
                case 'x' -> extended = TarFields.pax(extension(), extended);
                case 'L' -> extended = extended.withPath(TarFields.text(extension()));
                case 'K' -> extended = extended.withLink(TarFields.text(extension()));
                case 'g' -> extension();
                default -> {
                    return Optional.of(entry(type, extended));
                }
            }
        }
        throw new ArchiveRejectedException("The tar has too many extension headers in a row.");
    }

    /** Content of the current entry; it need not be closed. */
    public InputStream content() {
        return new BlockInputStream() {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                if (remaining == 0 || len == 0) {
                    return remaining == 0 ? -1 : 0;
                }
                int n = in.read(b, off, (int) Math.min(len, remaining));
                if (n < 0) {
                    throw new EOFException("The tar ends within a file.");
                }
                remaining -= n;
                return n;
            }
        };
    }

    /** Values from pax or GNU headers for the entry that follows. */
    record ExtendedHeader(String path, String link, long size) {
        ExtendedHeader withPath(String newPath) {
            return new ExtendedHeader(newPath, link, size);
        }

        ExtendedHeader withLink(String newLink) {
            return new ExtendedHeader(path, newLink, size);
        }

        ExtendedHeader withSize(long newSize) {
            return new ExtendedHeader(path, link, newSize);
        }
    }

    private Entry entry(char type, ExtendedHeader extended) throws ArchiveRejectedException {
        if (extended.size() >= 0) {
            begin(extended.size());
        }
        var path = extended.path().isEmpty() ? TarFields.path(header) : extended.path();
        var kind = switch (type) {
            case '0', '\0', '7' -> path.endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
            case '5' -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
        var target = extended.link().isEmpty() ? TarFields.link(header) : extended.link();
        return new Entry(
                path,
                kind,
                remaining,
                switch (type) {
                    case '1' -> new Link.Hard(target);
                    case '2' -> new Link.Symbolic(target);
                    default -> new Link.None();
                });
    }

    private void begin(long size) throws ArchiveRejectedException {
        if (size > ArchiveLimits.FILE_BYTES) {
            throw new ArchiveRejectedException("The tar has a file of more than 2 GiB.");
        }
        remaining = size;
        padding = (BLOCK - size % BLOCK) % BLOCK;
    }

    private byte[] extension() throws IOException {
        if (remaining > EXTENSION_BYTES) {
            throw new ArchiveRejectedException("The tar has an extension header of more than 64 KiB.");
        }
        return content().readAllBytes();
    }

    private void skipRest() throws IOException {
        var buffer = new byte[8192];
        long rest = remaining + padding;
        while (rest > 0) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, rest));
            if (n < 0) {
                throw new EOFException("The tar ends within a file.");
            }
            rest -= n;
        }
        remaining = 0;
        padding = 0;
    }

    /** Returns false at the end: an archive ends with zero blocks, or in some cases just ends. */
    private boolean readHeader() throws IOException {
        int n = in.readNBytes(header, 0, BLOCK);
        if (n == 0) {
            return false;
        }
        if (n < BLOCK) {
            throw new EOFException("The tar ends within a header.");
        }
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM_FROM && i < CHECKSUM_TO ? ' ' : header[i] & 0xff;
        }
        if (sum == ' ' * (CHECKSUM_TO - CHECKSUM_FROM)) {
            return false;
        }
        if (number(CHECKSUM_FROM, 8) != sum) {
            throw new ArchiveRejectedException("The tar has a header with a wrong checksum.");
        }
        return true;
    }

    private long number(int from, int length) throws ArchiveRejectedException {
        return TarFields.number(Arrays.copyOfRange(header, from, from + length));
    }
}
