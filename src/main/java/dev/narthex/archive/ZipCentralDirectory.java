package dev.narthex.archive;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks that the central directory and end records of a zip match the files that were read before them. */
final class ZipCentralDirectory {
    private static final long CENTRAL = 0x02014b50L;
    private static final long WIDE_END = 0x06064b50L;
    private static final long WIDE_LOCATOR = 0x07064b50L;
    private static final long END = 0x06054b50L;

    /** Size field of a record without extensible data, as readers expect it at this distance from the end. */
    private static final long WIDE_END_BYTES = 44;

    private final ZipByteReader in;
    private final Map<Long, ZipEntry> local = new HashMap<>();
    private final int count;
    private final long start;

    ZipCentralDirectory(ZipByteReader in, List<ZipEntry> entries, long start) {
        this.in = in;
        this.count = entries.size();
        this.start = start;
        entries.forEach(entry -> local.put(entry.offset(), entry));
    }

    /** @param first signature of the first record, already read */
    void confirm(long first) throws IOException {
        long signature = first;
        while (signature == CENTRAL) {
            var entry = record();
            if (!entry.equals(local.remove(entry.offset()))) {
                throw mismatch();
            }
            signature = in.u32();
        }
        long size = in.position() - 4 - start;
        boolean wide = signature == WIDE_END;
        if (wide) {
            wideEnd(size);
            signature = in.u32();
        }
        if (signature != END || !local.isEmpty()) {
            throw mismatch();
        }
        checkEnd(size, wide);
    }

    /** Checks the zip64 end record and its locator. Readers that find them ignore the other end record. */
    private void wideEnd(long size) throws IOException {
        boolean same = in.u64() == WIDE_END_BYTES;
        in.u32();
        same &= in.u64() == 0; // both disk numbers
        for (long said : new long[] {count, count, size, start}) {
            same &= in.u64() == said;
        }
        same &= in.u32() == WIDE_LOCATOR && in.u32() == 0 && in.u64() == start + size && in.u32() == 1;
        if (!same) {
            throw mismatch();
        }
    }

    private ZipEntry record() throws IOException {
        in.u32();
        int flags = in.u16();
        int method = in.u16();
        in.u32();
        long crc = in.u32();
        long packed = in.u32();
        long size = in.u32();
        int nameLength = in.u16();
        int extraLength = in.u16();
        int commentLength = in.u16();
        in.u32();
        in.u32();
        long offset = in.u32();
        var name = ZipEntry.name(in.bytes(nameLength), flags);
        var extra = new Zip64ExtraField(in.bytes(extraLength));
        extra.check();
        in.bytes(commentLength);
        return extra.widen(new ZipEntry(name, method, crc, packed, size, offset));
    }

    /**
     * Checks that the end record points to this directory and that nothing follows it, not even a comment, which could contain
     * another end record. So readers that start from the end find this directory too.
     *
     * @param wide whether numbers that do not fit are in the zip64 end record
     */
    private void checkEnd(long size, boolean wide) throws IOException {
        boolean same = in.u32() == 0;
        for (int entries : new int[] {in.u16(), in.u16()}) {
            same &= entries == count || (wide && entries == 0xffff);
        }
        long saidSize = in.u32();
        long saidStart = in.u32();
        same &= (saidSize == size || (wide && saidSize == ZipEntry.WIDE))
                && (saidStart == start || (wide && saidStart == ZipEntry.WIDE))
                && in.u16() == 0;
        if (!same || !in.atEnd()) {
            throw mismatch();
        }
    }

    private static ArchiveRejectedException mismatch() {
        return new ArchiveRejectedException("The zip has a central directory that does not match its files.");
    }
}
