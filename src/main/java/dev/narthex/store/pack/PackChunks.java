package dev.narthex.store.pack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.IntStream;

/** An in-memory index of the chunks of a pack by hash, built from its footer. Immutable. */
public final class PackChunks {
    private static final int HASH_BYTES = 32;
    private static final int RAW_LENGTH_OFFSET = 32;
    private static final int COMPRESSED_LENGTH_OFFSET = 36;

    private final long id;
    private final UUID key;
    private final ByteBuffer table;
    private final long[] offsets;
    private final int[] ordinalsByHash;

    /**
     * @param id id of the pack's row
     * @param key key of the pack
     * @param footer footer of the pack
     */
    public PackChunks(long id, UUID key, PackFooter footer) {
        this.id = id;
        this.key = key;
        this.table = ByteBuffer.wrap(footer.chunks()).order(ByteOrder.LITTLE_ENDIAN);
        int count = footer.chunkCount();
        this.offsets = new long[count];
        for (int i = 1; i < count; i++) {
            offsets[i] = offsets[i - 1] + compressedLength(i - 1);
        }
        this.ordinalsByHash = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingLong(this::prefix))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    public long id() {
        return id;
    }

    public UUID key() {
        return key;
    }

    /** Approximate memory use in bytes. */
    public int memoryBytes() {
        return 100 + offsets.length * (PackFooter.CHUNK_BYTES + Long.BYTES + Integer.BYTES);
    }

    /** Finds the position of a chunk in the pack. */
    public OptionalInt find(byte[] sha256) {
        long wantedPrefix = ByteBuffer.wrap(sha256).getLong();
        int low = 0;
        int high = ordinalsByHash.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (prefix(ordinalsByHash[middle]) < wantedPrefix) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        for (int i = low; i < ordinalsByHash.length && prefix(ordinalsByHash[i]) == wantedPrefix; i++) {
            if (hasChunkAt(ordinalsByHash[i], sha256)) {
                return OptionalInt.of(ordinalsByHash[i]);
            }
        }
        return OptionalInt.empty();
    }

    /** Whether there is a chunk at this position and it has this hash. */
    public boolean hasChunkAt(int ordinal, byte[] sha256) {
        int position = ordinal * PackFooter.CHUNK_BYTES;
        return ordinal < offsets.length
                && Arrays.equals(table.array(), position, position + HASH_BYTES, sha256, 0, HASH_BYTES);
    }

    /** Offset of the frame in the pack, in bytes. */
    public long offset(int ordinal) {
        return offsets[ordinal];
    }

    public int rawLength(int ordinal) {
        return table.getInt(ordinal * PackFooter.CHUNK_BYTES + RAW_LENGTH_OFFSET);
    }

    public int compressedLength(int ordinal) {
        return table.getInt(ordinal * PackFooter.CHUNK_BYTES + COMPRESSED_LENGTH_OFFSET);
    }

    /** The first 8 bytes of a chunk's hash as a number. */
    private long prefix(int ordinal) {
        return Long.reverseBytes(table.getLong(ordinal * PackFooter.CHUNK_BYTES));
    }
}
