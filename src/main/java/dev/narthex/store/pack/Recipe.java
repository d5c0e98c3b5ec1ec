package dev.narthex.store.pack;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Lists the frames of packs that make up a NAR, in order. Encoded as varints: the number of packs, the packs as fixed-size
 * little-endian words, then five varints for each run up to the end. Rows identify packs by id, footers by key.
 *
 * @param packs the packs that the runs refer to by index
 */
public record Recipe<P>(List<P> packs, List<Run> runs) {
    /**
     * Consecutive frames of a pack.
     *
     * @param slot index of the pack in the list
     * @param first ordinal of the first frame in its pack
     * @param count number of frames
     * @param offset byte offset of the first frame in its pack
     * @param length total length of the frames in bytes
     */
    public record Run(int slot, int first, int count, long offset, long length) {}

    /** Encodes and decodes references to packs. */
    public interface PackReferenceCodec<P> {
        PackReferenceCodec<Long> IDS = new PackReferenceCodec<>() {
            @Override
            public int size() {
                return Long.BYTES;
            }

            @Override
            public void put(ByteBuffer out, Long id) {
                out.putLong(id);
            }

            @Override
            public Long get(ByteBuffer in) {
                return in.getLong();
            }
        };

        /** The 16 bytes of a UUID in the usual big-endian order (RFC 9562 §4). */
        PackReferenceCodec<UUID> KEYS = new PackReferenceCodec<>() {
            @Override
            public int size() {
                return 16;
            }

            @Override
            public void put(ByteBuffer out, UUID key) {
                out.order(ByteOrder.BIG_ENDIAN).putLong(key.getMostSignificantBits());
                out.putLong(key.getLeastSignificantBits()).order(ByteOrder.LITTLE_ENDIAN);
            }

            @Override
            public UUID get(ByteBuffer in) {
                in.order(ByteOrder.BIG_ENDIAN);
                var key = new UUID(in.getLong(), in.getLong());
                in.order(ByteOrder.LITTLE_ENDIAN);
                return key;
            }
        };

        /** Size of a reference in bytes. */
        int size();

        void put(ByteBuffer out, P pack);

        P get(ByteBuffer in);
    }

    public Recipe {
        packs = List.copyOf(packs);
        runs = List.copyOf(runs);
    }

    /** Total length of the frames in bytes. */
    public long length() {
        return runs.stream().mapToLong(Run::length).sum();
    }

    public byte[] encode(PackReferenceCodec<P> codec) {
        var out = new ByteArrayOutputStream();
        Varint.put(out, packs.size());
        var references = ByteBuffer.allocate(packs.size() * codec.size()).order(ByteOrder.LITTLE_ENDIAN);
        packs.forEach(pack -> codec.put(references, pack));
        out.writeBytes(references.array());
        for (var run : runs) {
            Varint.put(out, run.slot);
            Varint.put(out, run.first);
            Varint.put(out, run.count);
            Varint.put(out, run.offset);
            Varint.put(out, run.length);
        }
        return out.toByteArray();
    }

    public static <P> Recipe<P> decode(byte[] bytes, PackReferenceCodec<P> codec) throws DamagedException {
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int packCount = Varint.getInt(in);
        if ((long) packCount * codec.size() > in.remaining()) {
            throw new DamagedException("recipe of " + packCount + " packs in " + bytes.length + " bytes");
        }
        var packs = new ArrayList<P>(packCount);
        for (int i = 0; i < packCount; i++) {
            packs.add(codec.get(in));
        }
        var runs = new ArrayList<Run>();
        while (in.hasRemaining()) {
            var run = new Run(Varint.getInt(in), Varint.getInt(in), Varint.getInt(in), Varint.get(in), Varint.get(in));
            if (run.slot >= packCount) {
                throw new DamagedException("recipe names pack " + run.slot + " of " + packCount);
            }
            runs.add(run);
        }
        return new Recipe<>(packs, runs);
    }
}
