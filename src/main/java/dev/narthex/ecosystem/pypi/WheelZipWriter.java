package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ConcatenatedInputStream;
import dev.narthex.spi.NotOfferedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes a zip (PKWARE APPNOTE 6.3.10 §4.3) without features that readers interpret differently: no 64-bit sizes, no extra
 * fields.
 */
final class WheelZipWriter {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int MAX_ENTRIES = 0xfffe;
    private static final long MAX_SIZE = 0xfffffffeL;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final short NEEDED = 20;
    private static final short UNIX = 3 << 8;
    private static final short UTF8_NAME = 1 << 11;
    private static final short DEFLATED = 8;

    /** 1980-01-01, the earliest date that zip can represent. */
    private static final short DATE = 1 << 5 | 1;

    private static final int REGULAR = 0100000;

    private final List<Member> members;

    /**
     * A file in the zip.
     *
     * @param deflated false if it is stored
     * @param packed its length in the zip
     * @param content the bytes in the zip
     */
    record Member(
            String path,
            boolean executable,
            boolean deflated,
            long crc,
            long size,
            long packed,
            ConcatenatedInputStream.Part content) {
        private byte[] name() {
            return path.getBytes(StandardCharsets.UTF_8);
        }
    }

    WheelZipWriter(List<Member> members) throws NotOfferedException {
        this.members = List.copyOf(members);
        long length = END_BYTES;
        for (var member : members) {
            length += LOCAL_BYTES + CENTRAL_BYTES + 2L * member.name().length + member.packed;
        }
        check(members.size(), length);
    }

    /** @throws NotOffered if so many files or bytes do not fit in a zip */
    static void check(int files, long length) throws NotOfferedException {
        if (files > MAX_ENTRIES || length > MAX_SIZE) {
            throw new NotOfferedException("a wheel of it would have more than 65,534 files or 4 GiB");
        }
    }

    InputStream open() {
        return new ConcatenatedInputStream(Stream.concat(
                        members.stream().<ConcatenatedInputStream.Part>mapMulti((member, parts) -> {
                            parts.accept(() -> new ByteArrayInputStream(local(member)));
                            parts.accept(member.content);
                        }),
                        Stream.<ConcatenatedInputStream.Part>of(() -> new ByteArrayInputStream(directory())))
                .iterator());
    }

    private static byte[] local(Member member) {
        var name = member.name();
        var out = buffer(LOCAL_BYTES + name.length).putInt(LOCAL).putShort(NEEDED);
        return common(out, member, name).putShort((short) 0).put(name).array();
    }

    /** Writes the fields that both headers of a file have in common, up to the length of its name. */
    private static ByteBuffer common(ByteBuffer out, Member member, byte[] name) {
        return out.putShort(name.length == member.path.length() ? 0 : UTF8_NAME)
                .putShort(member.deflated ? DEFLATED : 0)
                .putShort((short) 0)
                .putShort(DATE)
                .putInt((int) member.crc)
                .putInt((int) member.packed)
                .putInt((int) member.size)
                .putShort((short) name.length);
    }

    private byte[] directory() {
        var out = new ByteArrayOutputStream();
        long offset = 0;
        for (var member : members) {
            out.writeBytes(central(member, offset));
            offset += LOCAL_BYTES + member.name().length + member.packed;
        }
        int size = out.size();
        out.writeBytes(buffer(END_BYTES)
                .putInt(END)
                .putInt(0)
                .putShort((short) members.size())
                .putShort((short) members.size())
                .putInt(size)
                .putInt((int) offset)
                .putShort((short) 0)
                .array());
        return out.toByteArray();
    }

    private static byte[] central(Member member, long offset) {
        var name = member.name();
        var out = buffer(CENTRAL_BYTES + name.length)
                .putInt(CENTRAL)
                .putShort((short) (UNIX | NEEDED))
                .putShort(NEEDED);
        return common(out, member, name)
                .putInt(0)
                .putInt(0)
                .putInt((REGULAR | (member.executable ? 0755 : 0644)) << 16)
                .putInt((int) offset)
                .put(name)
                .array();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
