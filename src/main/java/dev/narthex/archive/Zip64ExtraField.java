package dev.narthex.archive;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The extra field of a zip record, for its zip64 sizes (APPNOTE §4.5.3). */
record Zip64ExtraField(byte[] bytes) {
    private static final int ZIP64 = 1;

    /** An alternative file name that only some readers use (Info-ZIP, "Unicode Path Extra Field"). */
    private static final int OTHER_NAME = 0x7075;

    boolean present() {
        return field(ZIP64).hasRemaining();
    }

    void check() throws ArchiveRejectedException {
        if (field(OTHER_NAME).hasRemaining()) {
            throw new ArchiveRejectedException("The zip has a file of two names.");
        }
    }

    /**
     * Returns the entry with every number that is marked as too large replaced by the number here: size, compressed size, offset,
     * in this order.
     */
    ZipEntry widen(ZipEntry entry) throws ArchiveRejectedException {
        var wide = field(ZIP64);
        try {
            long size = entry.size() == ZipEntry.WIDE ? wide.getLong() : entry.size();
            long packed = entry.packed() == ZipEntry.WIDE ? wide.getLong() : entry.packed();
            long offset = entry.offset() == ZipEntry.WIDE ? wide.getLong() : entry.offset();
            if (size < 0 || packed < 0 || offset < 0) {
                throw new ArchiveRejectedException("The zip has a negative size.");
            }
            return entry.withSizes(packed, size, offset);
        } catch (BufferUnderflowException e) {
            throw new ArchiveRejectedException("The zip lacks a zip64 size.");
        }
    }

    private ByteBuffer field(int wanted) {
        var all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (all.remaining() >= 4) {
            int id = all.getShort() & 0xffff;
            int length = Math.min(all.getShort() & 0xffff, all.remaining());
            if (id == wanted) {
                return all.slice(all.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            all.position(all.position() + length);
        }
        return ByteBuffer.allocate(0);
    }
}
