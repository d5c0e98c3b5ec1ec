package dev.narthex.store;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * The lengths of a NAR's chunks in order, as pairs of varints: raw, then compressed; about 6 bytes a chunk. With them a
 * range of the NAR is found without reading a pack. Kept encoded: a 50 GB NAR is 2.5 MB here, and a walk over its 400,000
 * chunks takes milliseconds.
 */
record ChunkLens(byte[] bytes) {
    static void put(ByteArrayOutputStream out, int raw, int compressed) {
        Varint.put(out, raw);
        Varint.put(out, compressed);
    }

    /** Reads the lengths from the frames themselves, which small NARs in a row do. */
    static ChunkLens ofFrames(byte[] frames) throws DamagedException {
        var out = new ByteArrayOutputStream();
        int at = 0;
        while (at < frames.length) {
            try {
                int compressed = Math.toIntExact(Zstd.findFrameCompressedSize(frames, at, frames.length - at));
                put(out, Math.toIntExact(Zstd.getFrameContentSize(frames, at, frames.length - at)), compressed);
                at += compressed;
            } catch (ZstdException | ArithmeticException e) {
                throw new DamagedException("no zstd frame at byte " + at + " of an inline NAR");
            }
        }
        return new ChunkLens(out.toByteArray());
    }

    /** Before the first chunk. */
    Cursor cursor() {
        return new Cursor(ByteBuffer.wrap(bytes));
    }

    /** A place in the list. After each {@link #next} that was true, the other methods speak of one chunk. */
    static final class Cursor {
        private final ByteBuffer in;
        private int raw;
        private int compressed;
        private long rawStart;
        private long frameStart;

        private Cursor(ByteBuffer in) {
            this.in = in;
        }

        boolean next() throws DamagedException {
            rawStart += raw;
            frameStart += compressed;
            if (!in.hasRemaining()) {
                return false;
            }
            raw = Varint.getInt(in);
            compressed = Varint.getInt(in);
            return true;
        }

        int raw() {
            return raw;
        }

        int compressed() {
            return compressed;
        }

        /** Where the chunk starts in the NAR. */
        long rawStart() {
            return rawStart;
        }

        /** Where its frame starts among the NAR's frames, laid end to end. */
        long frameStart() {
            return frameStart;
        }
    }
}
