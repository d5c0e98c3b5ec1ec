package dev.narthex.ecosystem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The central directory and all behind it, compared with the files that were read before it. */
final class ZipDirectory {
    private static final long CENTRAL = 0x02014b50L;
    private static final long WIDE_END = 0x06064b50L;
    private static final long WIDE_LOCATOR = 0x07064b50L;
    private static final long END = 0x06054b50L;
    private static final long WIDE_END_MOST = 64L * 1024;

    private final ZipInput in;
    private final Map<Long, ZipEntry> local = new HashMap<>();
    private final int count;
    private final long start;

    ZipDirectory(ZipInput in, List<ZipEntry> entries, long start) {
        this.in = in;
        this.count = entries.size();
        this.start = start;
        entries.forEach(entry -> local.put(entry.offset(), entry));
    }

    /** @param first signature of the first record, already read */
    void confirm(long first) throws IOException {
        long signature = first;
        while (signature == CENTRAL) {
            var said = record();
            if (!said.equals(local.remove(said.offset()))) {
                throw differs();
            }
            signature = in.u32();
        }
        long size = in.position() - 4 - start;
        if (signature == WIDE_END) {
            long length = in.u64();
            if (length > WIDE_END_MOST) {
                throw differs();
            }
            in.bytes((int) length);
            signature = in.u32();
        }
        if (signature == WIDE_LOCATOR) {
            in.bytes(16);
            signature = in.u32();
        }
        if (signature != END || !local.isEmpty()) {
            throw differs();
        }
        end(size);
    }

    private ZipEntry record() throws IOException {
        in.u32();
        in.u16();
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
        var name = new String(in.bytes(nameLength), StandardCharsets.UTF_8);
        var extra = new ZipExtra(in.bytes(extraLength));
        in.bytes(commentLength);
        return extra.widen(new ZipEntry(name, method, crc, packed, size, offset));
    }

    /** The last record must lead back to this directory, and nothing may follow: a reader that begins at the end lands here. */
    private void end(long size) throws IOException {
        in.u32();
        in.u16();
        int entries = in.u16();
        long saidSize = in.u32();
        long saidStart = in.u32();
        in.bytes(in.u16());
        boolean same = (entries == 0xffff || entries == count)
                && (saidSize == ZipEntry.WIDE || saidSize == size)
                && (saidStart == ZipEntry.WIDE || saidStart == start);
        if (!same || !in.atEnd()) {
            throw differs();
        }
    }

    private static Refused differs() {
        return new Refused("The zip has a directory that does not tell what is in it.");
    }
}
