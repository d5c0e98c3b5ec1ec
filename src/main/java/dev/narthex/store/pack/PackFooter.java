package dev.narthex.store.pack;

import dev.narthex.http.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The footer of a pack. It lists the content of the pack, so that the database can be rebuilt from packs alone. It is a
 * skippable zstd frame (RFC 8878 §3.1.2), so a whole pack is still a valid {@code .nar.zst}. Numbers are little-endian:
 *
 * <pre>
 * u32 0x184D2A5E, u32 length of the rest
 * "NTXP" u8 version u8 flags u16 0, u64 nar size, 32 bytes nar hash
 * u32 n; n × { 32 bytes SHA-256 of the chunk, u32 raw length, u32 compressed length }
 * u32 length, recipe with packs by key;  u32 length, meta
 * u32 length of everything after the second word, u32 CRC-32C of the same up to here, "NTXF"
 * </pre>
 *
 * <p>Readers start at the last 12 bytes. A NAR larger than the pack size has several packs. All but the last are written before
 * the NAR hash is known: they have flag 1, no hash and no recipe. The recipe of the last pack refers to all of them.
 *
 * @param part whether this is one of the earlier packs of a larger NAR
 * @param narHash SHA-256 of the NAR, 32 bytes; zeros for a part
 * @param chunks the chunk table, 40 bytes per chunk as above
 * @param meta the data of the narinfo, in CBOR; may be empty
 */
public record PackFooter(boolean part, long narSize, byte[] narHash, byte[] chunks, Recipe<UUID> recipe, byte[] meta) {
    public static final int CHUNK_BYTES = 40;
    private static final int MAGIC = 0x184D2A5E;
    private static final int FRAME_HEADER_BYTES = 8;
    private static final int TAIL_BYTES = 12;
    private static final int FIXED_BYTES = 8 + 8 + 32 + 3 * 4 + TAIL_BYTES;
    private static final int PART_FLAG = 1;
    private static final int START_TAG = tag("NTXP");
    private static final int END_TAG = tag("NTXF");
    private static final int FIRST_READ_BYTES = 64 * 1024;

    /** An entry of the chunk table; the hash is in hex, lengths are in bytes. */
    public record ChunkEntry(String sha256, int rawLength, int compressedLength) {}

    public static PackFooter ofPart(byte[] chunks) {
        return new PackFooter(true, 0, new byte[32], chunks, new Recipe<>(List.of(), List.of()), new byte[0]);
    }

    public int chunkCount() {
        return chunks.length / CHUNK_BYTES;
    }

    public ChunkEntry chunk(int ordinal) {
        var entry = ByteBuffer.wrap(chunks, ordinal * CHUNK_BYTES, CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        var sha256 = new byte[32];
        entry.get(sha256);
        return new ChunkEntry(HexFormat.of().formatHex(sha256), entry.getInt(), entry.getInt());
    }

    public static void appendChunk(ByteArrayOutputStream out, byte[] sha256, int rawLength, int compressedLength) {
        var entry = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.writeBytes(
                entry.put(sha256).putInt(rawLength).putInt(compressedLength).array());
    }

    /** Encodes the whole skippable frame. */
    public byte[] encode() {
        var encodedRecipe = recipe.encode(Recipe.PackReferenceCodec.KEYS);
        int payload = Math.addExact(FIXED_BYTES + encodedRecipe.length + meta.length, chunks.length);
        var out =
                ByteBuffer.allocate(Math.addExact(FRAME_HEADER_BYTES, payload)).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).putInt(payload);
        out.putInt(START_TAG).put((byte) 1).put((byte) (part ? PART_FLAG : 0)).putShort((short) 0);
        out.putLong(narSize).put(narHash).putInt(chunkCount()).put(chunks);
        out.putInt(encodedRecipe.length).put(encodedRecipe).putInt(meta.length).put(meta);
        out.putInt(payload)
                .putInt(crc(out.array(), FRAME_HEADER_BYTES, payload - TAIL_BYTES + 4))
                .putInt(END_TAG);
        return out.array();
    }

    /**
     * Reads the footer at the end of a pack, usually with a single read of 64 KiB.
     *
     * @throws DamagedException if the pack has no valid footer
     */
    public static PackFooter read(Content pack) throws IOException {
        var tail = readSuffix(pack, Math.min(FIRST_READ_BYTES, pack.length()));
        if (tail.length < FRAME_HEADER_BYTES + FIXED_BYTES) {
            throw new DamagedException("no pack: " + tail.length + " bytes");
        }
        var trailer =
                ByteBuffer.wrap(tail, tail.length - TAIL_BYTES, TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long frameLength = Integer.toUnsignedLong(trailer.getInt()) + FRAME_HEADER_BYTES;
        trailer.getInt();
        if (trailer.getInt() != END_TAG
                || frameLength > Math.min(pack.length(), Integer.MAX_VALUE - FRAME_HEADER_BYTES)) {
            throw new DamagedException("no footer at the end of the pack");
        }
        return decode(
                frameLength <= tail.length
                        ? Arrays.copyOfRange(tail, tail.length - (int) frameLength, tail.length)
                        : readSuffix(pack, frameLength));
    }

    static PackFooter decode(byte[] frame) throws DamagedException {
        var in = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        int payload = frame.length - FRAME_HEADER_BYTES;
        if (payload < FIXED_BYTES || in.getInt() != MAGIC || in.getInt() != payload) {
            throw new DamagedException("the footer is not a whole frame");
        }
        int crcOffset = frame.length - TAIL_BYTES + 4;
        if (in.getInt(crcOffset - 4) != payload
                || in.getInt(crcOffset) != crc(frame, FRAME_HEADER_BYTES, payload - TAIL_BYTES + 4)
                || in.getInt(crcOffset + 4) != END_TAG) {
            throw new DamagedException("the footer's checksum is wrong");
        }
        if (in.getInt() != START_TAG || in.get() != 1) {
            throw new DamagedException("a footer of another version");
        }
        boolean part = (in.get() & PART_FLAG) != 0;
        in.getShort();
        long narSize = in.getLong();
        var narHash = readBytes(in, 32);
        var chunks = readBytes(in, Integer.toUnsignedLong(in.getInt()) * CHUNK_BYTES);
        var recipe = readBytes(in, Integer.toUnsignedLong(in.getInt()));
        var meta = readBytes(in, Integer.toUnsignedLong(in.getInt()));
        if (in.remaining() != TAIL_BYTES) {
            throw new DamagedException("the footer's lengths do not add up");
        }
        return new PackFooter(
                part, narSize, narHash, chunks, Recipe.decode(recipe, Recipe.PackReferenceCodec.KEYS), meta);
    }

    /** Never reads into the last 12 bytes, so the fixed-size fields that follow can be read without a check. */
    private static byte[] readBytes(ByteBuffer in, long count) throws DamagedException {
        if (count > in.remaining() - TAIL_BYTES) {
            throw new DamagedException("the footer's lengths do not add up");
        }
        var bytes = new byte[(int) count];
        in.get(bytes);
        return bytes;
    }

    private static byte[] readSuffix(Content pack, long count) throws IOException {
        try (InputStream in = pack.open(pack.length() - count, count)) {
            return in.readNBytes((int) count);
        }
    }

    private static int crc(byte[] bytes, int from, int count) {
        var crc = new CRC32C();
        crc.update(bytes, from, count);
        return (int) crc.getValue();
    }

    private static int tag(String name) {
        return ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }
}
