package dev.narthex.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Which frames of which packs, one after the other, make a NAR. Written as varints: the number of packs, the packs as fixed
 * little-endian words, then the runs until the end, five varints each. In a row packs go by id, in a footer by key.
 *
 * @param packs the packs that runs name by their place in this list
 */
record Recipe<P>(List<P> packs, List<Run> runs) {
    /**
     * Frames that lie side by side in a pack.
     *
     * @param slot place of the pack in the list
     * @param first ordinal of the first frame in its pack
     * @param offset of the first frame in its pack, in bytes
     * @param length of all the frames, in bytes
     */
    record Run(int slot, int first, int count, long offset, long length) {}

    /** How a pack is named. */
    interface Names<P> {
        Names<Long> IDS = new Names<>() {
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

        /** The 16 bytes of a UUID in its usual order, which is big-endian (RFC 9562 §4). */
        Names<UUID> KEYS = new Names<>() {
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

        /** In bytes. */
        int size();

        void put(ByteBuffer out, P pack);

        P get(ByteBuffer in);
    }

    Recipe {
        packs = List.copyOf(packs);
        runs = List.copyOf(runs);
    }

    /** In bytes: what the frames are together. */
    long length() {
        return runs.stream().mapToLong(Run::length).sum();
    }

    byte[] encode(Names<P> names) {
        var out = new ByteArrayOutputStream();
        Varint.put(out, packs.size());
        var fixed = ByteBuffer.allocate(packs.size() * names.size()).order(ByteOrder.LITTLE_ENDIAN);
        packs.forEach(p -> names.put(fixed, p));
        out.writeBytes(fixed.array());
        for (var run : runs) {
            Varint.put(out, run.slot);
            Varint.put(out, run.first);
            Varint.put(out, run.count);
            Varint.put(out, run.offset);
            Varint.put(out, run.length);
        }
        return out.toByteArray();
    }

    static <P> Recipe<P> decode(byte[] bytes, Names<P> names) throws DamagedException {
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int n = Varint.getInt(in);
        if ((long) n * names.size() > in.remaining()) {
            throw new DamagedException("recipe of " + n + " packs in " + bytes.length + " bytes");
        }
        var packs = new ArrayList<P>(n);
        for (int i = 0; i < n; i++) {
            packs.add(names.get(in));
        }
        var runs = new ArrayList<Run>();
        while (in.hasRemaining()) {
            var run = new Run(Varint.getInt(in), Varint.getInt(in), Varint.getInt(in), Varint.get(in), Varint.get(in));
            if (run.slot >= n) {
                throw new DamagedException("recipe names pack " + run.slot + " of " + n);
            }
            runs.add(run);
        }
        return new Recipe<>(packs, runs);
    }
}
