package dev.narthex.archive;

import dev.narthex.spi.NotOfferedException;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/** Limits on archives. An archive that exceeds them is rejected as an attack. */
public final class ArchiveLimits {
    /** Maximum number of entries. */
    public static final int ENTRIES = 100_000;
    /** Maximum size of a file, in bytes. */
    public static final long FILE_BYTES = 2L << 30;
    /** Maximum total size of all files, in bytes. */
    public static final long TOTAL_BYTES = 8L << 30;
    /** Maximum length of an entry's path, in characters. */
    public static final int PATH_LENGTH = 1024;

    private static final long NAME_CHARS = 16L << 20;
    private static final int RATIO = 200;
    private static final long RATIO_FREE_BYTES = 10L << 20;
    private static final long PACKER_HOLDS_BYTES = 64 * 1024;

    private final Set<String> names = new HashSet<>();
    private long nameChars;

    /**
     * Checks the next entry.
     *
     * @param path with slashes
     * @throws Refused if there are too many entries, or the path leads out of the target directory or occurs twice
     */
    public void checkEntry(String path) throws ArchiveRejectedException {
        nameChars += path.length();
        if (names.size() >= ENTRIES || nameChars > NAME_CHARS) {
            throw new ArchiveRejectedException("The archive has too many entries.");
        }
        if (path.length() > PATH_LENGTH) {
            throw new ArchiveRejectedException("The archive has a path of more than " + PATH_LENGTH + " characters.");
        }
        checkInside(path);
        if (!names.add(path)) {
            throw new ArchiveRejectedException("The archive has the same path twice.");
        }
    }

    /** @throws Refused if the path leads out of the directory that the archive is unpacked into */
    public static void checkInside(String path) throws ArchiveRejectedException {
        if (!staysInside(path)) {
            throw new ArchiveRejectedException("The archive contains a path that leads out of it.");
        }
    }

    private static boolean staysInside(String path) {
        if (path.startsWith("/") || path.startsWith("\\") || path.indexOf('\0') >= 0 || path.matches("[A-Za-z]:.*")) {
            return false;
        }
        for (var part : path.split("[/\\\\]", -1)) {
            if (part.equals("..")) {
                return false;
            }
        }
        return true;
    }

    /** Wraps a decoder so that reading fails if the compression ratio, counted from the beginning, is suspiciously high. */
    public static InputStream unpacked(InputStream decoder, CountingSourceStream source) {
        return new CountingInputStream(decoder) {
            @Override
            void onRead(long out, boolean ended) throws IOException {
                check(out, source.count());
            }
        };
    }

    /**
     * The same check for an archive that Narthex makes: reading fails with {@link NotOfferedException} if other readers would
     * reject the
     * archive as an attack.
     *
     * @param plain number of uncompressed bytes so far
     */
    public static InputStream packed(InputStream packed, LongSupplier plain) {
        return new CountingInputStream(packed) {
            @Override
            void onRead(long out, boolean ended) throws IOException {
                // the compressor may hold back some bytes until its end
                checkPacked(plain.getAsLong(), ended ? out : out + PACKER_HOLDS_BYTES);
            }
        };
    }

    /** Checks the number of bytes after every read. Skipped bytes are read too. */
    private abstract static class CountingInputStream extends BlockFilterInputStream {
        private long bytesOut;

        CountingInputStream(InputStream in) {
            super(in);
        }

        abstract void onRead(long out, boolean ended) throws IOException;

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int n = in.read(b, off, len);
            bytesOut += Math.max(n, 0);
            onRead(bytesOut, n < 0);
            return n;
        }
    }

    /** @throws NotOffered if this compression ratio looks like a zip bomb */
    public static void checkPacked(long plain, long packed) throws NotOfferedException {
        if (suspicious(plain, packed)) {
            throw new NotOfferedException(
                    "packed it has less than a " + RATIO + "th of its size, as only attacks have");
        }
    }

    private static boolean suspicious(long plain, long packed) {
        return plain > RATIO_FREE_BYTES && plain / RATIO > packed;
    }

    /** @throws Refused if this compression ratio looks like a zip bomb */
    static void check(long out, long in) throws ArchiveRejectedException {
        if (out > TOTAL_BYTES || suspicious(out, in)) {
            throw new ArchiveRejectedException("The archive unpacks to too much.");
        }
    }
}
