package dev.narthex.archive;

import dev.narthex.stream.BlockInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.Inflater;

/**
 * Reads a zip (PKWARE APPNOTE 6.3.10 §4.3) in one pass: the files in the order of the archive, then the central directory, which
 * must match them. Clients trust the directory, so a file that differs from it or is missing in it would give one archive two
 * meanings. Names are checked by {@link ArchiveLimits}. Call {@link #close} to free the inflater.
 */
public final class ZipReader implements AutoCloseable {
    static final int STORED = 0;
    static final int DEFLATED = 8;

    private static final long LOCAL = 0x04034b50L;
    private static final long DESCRIPTOR = 0x08074b50L;
    private static final int ENCRYPTED = 1;
    private static final int SIZES_LATER = 8;

    private final ZipByteReader in;
    private final ArchiveLimits bounds = new ArchiveLimits();
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final List<ZipEntry> entries = new ArrayList<>();
    private Optional<OpenEntry> open = Optional.empty();
    private long total;

    public ZipReader(CountingSourceStream in) {
        this.in = new ZipByteReader(in);
    }

    /**
     * Skips the rest of the current entry and reads the next one.
     *
     * @return its path; empty after all entries are read and the central directory has confirmed them
     */
    public Optional<String> next() throws IOException {
        if (open.isPresent()) {
            content().transferTo(OutputStream.nullOutputStream());
        }
        long offset = in.position();
        long signature = in.u32();
        if (signature != LOCAL && offset == 0) {
            throw new ArchiveRejectedException("It is no zip, or an empty one.");
        }
        if (signature != LOCAL) {
            new ZipCentralDirectory(in, entries, offset).confirm(signature);
            return Optional.empty();
        }
        var entry = local(offset);
        bounds.checkEntry(entry.entry.name());
        if (entry.entry.size() > ArchiveLimits.FILE_BYTES) {
            throw new ArchiveRejectedException("The zip has a file of more than 2 GiB.");
        }
        inflater.reset();
        crc.reset();
        open = Optional.of(entry);
        return Optional.of(entry.entry.name());
    }

    /** Content of the current entry; it need not be closed. Its checksum is verified at the end. */
    public InputStream content() {
        return new BlockInputStream() {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                return len == 0 ? 0 : readContent(b, off, len);
            }
        };
    }

    @Override
    public void close() {
        inflater.end();
    }

    private int readContent(byte[] b, int off, int len) throws IOException {
        while (open.isPresent()) {
            var file = open.get();
            boolean stored = file.entry.method() == STORED;
            if (stored ? file.bytesOut == file.entry.size() : inflater.finished()) {
                end(file);
                return -1;
            }
            long from = in.position();
            int n = stored
                    ? in.raw(b, off, (int) Math.min(len, file.entry.size() - file.bytesOut))
                    : in.inflate(
                            inflater, file.sizesFollow ? Long.MAX_VALUE : file.entry.packed() - file.in, b, off, len);
            file.in += in.position() - from;
            file.bytesOut += n;
            total += n;
            ArchiveLimits.check(total, in.bytesRead());
            crc.update(b, off, n);
            if (n > 0) {
                return n;
            }
        }
        return -1;
    }

    private void end(OpenEntry file) throws IOException {
        var header = new ZipEntry(
                file.entry.name(), file.entry.method(), crc.getValue(), file.in, file.bytesOut, file.entry.offset());
        var entry = file.sizesFollow ? descriptor(file) : file.entry;
        if (!header.equals(entry)) {
            throw new ArchiveRejectedException("The zip contains a file with a wrong size or checksum.");
        }
        entries.add(header);
        open = Optional.empty();
    }

    private OpenEntry local(long offset) throws IOException {
        in.u16();
        int flags = in.u16();
        int method = in.u16();
        in.u32();
        long sum = in.u32();
        long packed = in.u32();
        long size = in.u32();
        int nameLength = in.u16();
        int extraLength = in.u16();
        var name = ZipEntry.name(in.bytes(nameLength), flags);
        var extra = new Zip64ExtraField(in.bytes(extraLength));
        extra.check();
        boolean later = (flags & SIZES_LATER) != 0;
        if ((flags & ENCRYPTED) != 0 || !(method == DEFLATED || (method == STORED && !later))) {
            throw new ArchiveRejectedException(
                    "The zip contains a file that is encrypted or uses a compression that wheels do not use.");
        }
        var entry = later
                ? new ZipEntry(name, method, 0, 0, 0, offset)
                : extra.widen(new ZipEntry(name, method, sum, packed, size, offset));
        if (method == STORED && entry.packed() != entry.size()) {
            throw new ArchiveRejectedException("The zip has a stored file of two sizes.");
        }
        return new OpenEntry(entry, later, extra.present());
    }

    private ZipEntry descriptor(OpenEntry file) throws IOException {
        if (in.u32() != DESCRIPTOR) {
            throw new ArchiveRejectedException("The zip has a file without its sizes.");
        }
        long sum = in.u32();
        long packed = file.wide ? in.u64() : in.u32();
        long size = file.wide ? in.u64() : in.u32();
        return new ZipEntry(file.entry.name(), file.entry.method(), sum, packed, size, file.entry.offset());
    }

    /** The entry that is being read. */
    private static final class OpenEntry {
        final ZipEntry entry;
        final boolean sizesFollow;
        final boolean wide;
        long in;
        long bytesOut;

        OpenEntry(ZipEntry entry, boolean later, boolean wide) {
            this.entry = entry;
            this.sizesFollow = later;
            this.wide = wide;
        }
    }
}
