package dev.narthex.ecosystem.pypi;

import dev.narthex.http.Content;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Extracts METADATA from a wheel through its central directory (PKWARE APPNOTE 6.3.10 §4.3): three short reads, regardless of the
 * wheel's size. Recognition has already checked that the directory matches the files. Wheels over 4 GiB and other unusual ones
 * yield nothing; clients then download the wheel.
 */
final class WheelMetadata {
    private static final Pattern METADATA = Pattern.compile("[^/]+\\.dist-info/METADATA");
    private static final int END = 0x06054b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_BYTES = 22;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int COMMENT_BYTES = 1024;
    private static final int DIRECTORY_BYTES = 16 << 20;
    private static final int DEFLATED = 8;

    private final Content wheel;

    private WheelMetadata(Content wheel) {
        this.wheel = wheel;
    }

    /** Returns the bytes of METADATA, at most {@value CoreMetadata#BYTES}. */
    static Optional<byte[]> read(Content wheel) throws IOException {
        return new WheelMetadata(wheel).read();
    }

    private Optional<byte[]> read() throws IOException {
        long length = wheel.length();
        var tail = bytes(Math.max(0, length - END_BYTES - COMMENT_BYTES), END_BYTES + COMMENT_BYTES);
        for (int at = tail.limit() - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END) {
                long size = tail.getInt(at + 12) & 0xffffffffL;
                long start = tail.getInt(at + 16) & 0xffffffffL;
                return size <= DIRECTORY_BYTES && start + size <= length
                        ? find(bytes(start, (int) size))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Optional<byte[]> find(ByteBuffer directory) throws IOException {
        int at = 0;
        while (at + CENTRAL_BYTES <= directory.limit() && directory.getInt(at) == CENTRAL) {
            int nameLength = directory.getShort(at + 28) & 0xffff;
            int next = at
                    + CENTRAL_BYTES
                    + nameLength
                    + (directory.getShort(at + 30) & 0xffff)
                    + (directory.getShort(at + 32) & 0xffff);
            if (next > directory.limit()) {
                return Optional.empty();
            }
            var name = new String(directory.array(), at + CENTRAL_BYTES, nameLength, StandardCharsets.UTF_8);
            if (METADATA.matcher(name).matches()) {
                return content(
                        directory.getShort(at + 10),
                        directory.getInt(at + 20) & 0xffffffffL,
                        directory.getInt(at + 24) & 0xffffffffL,
                        directory.getInt(at + 42) & 0xffffffffL);
            }
            at = next;
        }
        return Optional.empty();
    }

    private Optional<byte[]> content(int method, long packed, long size, long offset) throws IOException {
        if (size > CoreMetadata.BYTES || packed > 2L * CoreMetadata.BYTES || offset + LOCAL_BYTES > wheel.length()) {
            return Optional.empty();
        }
        var local = bytes(offset, LOCAL_BYTES);
        long from = offset + LOCAL_BYTES + (local.getShort(26) & 0xffff) + (local.getShort(28) & 0xffff);
        if (local.getInt(0) != LOCAL || from + packed > wheel.length()) {
            return Optional.empty();
        }
        var raw = bytes(from, (int) packed).array();
        var bytes = method == DEFLATED ? inflate(raw) : raw;
        return bytes.length == size ? Optional.of(bytes) : Optional.empty();
    }

    private static byte[] inflate(byte[] raw) throws IOException {
        var inflater = new Inflater(true);
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(raw), inflater)) {
            return in.readNBytes(CoreMetadata.BYTES + 1);
        } finally {
            inflater.end();
        }
    }

    /** Returns fewer bytes at the end of the wheel. */
    private ByteBuffer bytes(long from, int count) throws IOException {
        int there = (int) Math.min(count, wheel.length() - from);
        try (var in = wheel.open(from, there)) {
            return ByteBuffer.wrap(in.readNBytes(there)).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
