package dev.narthex.store;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.narthex.content.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/**
 * A NAR as it was before compression. Any range is read by decompressing the chunks that it touches, one after the other.
 *
 * @param frames the NAR's zstd frames, end to end
 */
record NarContent(Content frames, ChunkLens lens, long length) implements Content {
    @Override
    public InputStream open(long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, length);
        if (count == 0) {
            return InputStream.nullInputStream();
        }
        var first = at(from);
        var last = at(from + count - 1);
        long end = last.frameStart() + last.compressed();
        return new Chunks(frames.open(first.frameStart(), end - first.frameStart()), first, from, count);
    }

    private ChunkLens.Cursor at(long offset) throws DamagedException {
        var cursor = lens.cursor();
        while (cursor.next()) {
            if (offset < cursor.rawStart() + cursor.raw()) {
                return cursor;
            }
        }
        throw new DamagedException("the chunks of a NAR end before byte " + offset);
    }

    /** Holds one chunk, raw and compressed. A frame's own checksum is compared when it is decompressed. */
    private static final class Chunks extends InputStream {
        private final InputStream in;
        private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
        private final ChunkLens.Cursor cursor;
        private byte[] frame = new byte[0];
        private byte[] raw = new byte[0];
        private int at;
        private int end;
        private long left;

        Chunks(InputStream in, ChunkLens.Cursor cursor, long from, long count) throws IOException {
            this.in = in;
            this.cursor = cursor;
            this.left = count;
            try {
                decompress();
            } catch (IOException e) {
                close();
                throw e;
            }
            this.at = (int) (from - cursor.rawStart());
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, b.length);
            if (len == 0) {
                return 0;
            }
            if (available() == 0 && !refill()) {
                return -1;
            }
            int n = take(len);
            System.arraycopy(raw, at - n, b, off, n);
            return n;
        }

        /** A chunk at a time, from where it was decompressed: no buffer in between. */
        @Override
        public long transferTo(OutputStream out) throws IOException {
            long sent = 0;
            while (available() > 0 || refill()) {
                int n = take(available());
                out.write(raw, at - n, n);
                sent += n;
            }
            return sent;
        }

        /** What can be read without touching another chunk. */
        @Override
        public int available() {
            return (int) Math.min(end - at, left);
        }

        @Override
        public void close() throws IOException {
            zstd.close();
            in.close();
        }

        private int take(int most) {
            int n = Math.min(most, available());
            at += n;
            left -= n;
            return n;
        }

        private boolean refill() throws IOException {
            if (left == 0) {
                return false;
            }
            if (!cursor.next()) {
                throw new DamagedException("the chunks of a NAR end " + left + " bytes early");
            }
            decompress();
            return true;
        }

        private void decompress() throws IOException {
            int compressed = cursor.compressed();
            frame = frame.length < compressed ? new byte[compressed] : frame;
            raw = raw.length < cursor.raw() ? new byte[cursor.raw()] : raw;
            if (in.readNBytes(frame, 0, compressed) != compressed) {
                throw new DamagedException("the frames of a NAR end early");
            }
            if (inflate(compressed) != cursor.raw()) {
                throw new DamagedException("a chunk of a NAR has another length");
            }
            at = 0;
            end = cursor.raw();
        }

        private long inflate(int compressed) throws DamagedException {
            try {
                return zstd.decompressByteArray(raw, 0, cursor.raw(), frame, 0, compressed);
            } catch (ZstdException e) {
                throw new DamagedException("a chunk of a NAR is damaged: " + e.getMessage());
            }
        }
    }
}
