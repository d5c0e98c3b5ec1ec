package dev.narthex.store;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.narthex.content.BlockSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses the chunks of a NAR one after the other, into the heap for {@code read} and into direct buffers for
 * {@link #block}. The checksum of each frame is verified when it is decompressed.
 */
final class NarStream extends InputStream implements BlockSource {
    private final InputStream in;
    private final ReadableByteChannel channel;
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final ChunkLens.Cursor cursor;
    private final Runnable doubt;
    private byte[] frame = new byte[0];
    private byte[] raw = new byte[0];
    private @Nullable ByteBuf direct;
    private int at;
    private int end;
    private long left;

    /** Number of bytes at the start of the next chunk that are before the requested range. */
    private int skipped;

    private boolean begun;

    /**
     * @param in the frames, starting with the frame of the first chunk
     * @param cursor positioned at the first chunk
     * @param from first byte to return, as an offset in the NAR; it is in the first chunk
     * @param count number of bytes to return
     * @param doubt runs when a frame turns out to be damaged
     */
    NarStream(InputStream in, ChunkLens.Cursor cursor, long from, long count, Runnable doubt) {
        this.in = in;
        this.channel = channel(in);
        this.cursor = cursor;
        this.left = count;
        this.doubt = doubt;
        this.skipped = (int) (from - cursor.rawStart());
    }

    /** Returns the stream itself if it can read into direct buffers without a copy, else an adapter. */
    static ReadableByteChannel channel(InputStream in) {
        return in instanceof ReadableByteChannel direct ? direct : Channels.newChannel(in);
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
        int n = Math.min(len, available());
        System.arraycopy(raw, at, b, off, n);
        at += n;
        left -= n;
        return n;
    }

    /** Number of bytes that can be read without decompressing another chunk. */
    @Override
    public int available() {
        return (int) Math.min(end - at, left);
    }

    @Override
    public Optional<ByteBuf> block() throws IOException {
        if (!advance()) {
            return Optional.empty();
        }
        var block = PooledByteBufAllocator.DEFAULT.directBuffer(cursor.raw());
        try {
            inflate(block);
        } catch (IOException | RuntimeException e) {
            block.release();
            throw e;
        }
        int n = (int) Math.min(cursor.raw() - skipped, left);
        block.setIndex(skipped, skipped + n);
        skipped = 0;
        left -= n;
        return Optional.of(block);
    }

    @Override
    public void close() throws IOException {
        if (direct != null) {
            direct.release();
            direct = null;
        }
        zstd.close();
        in.close();
    }

    /** Moves the cursor to the next chunk. False if all requested bytes were returned. */
    private boolean advance() throws DamagedException {
        if (left == 0) {
            return false;
        }
        if (begun && !cursor.next()) {
            throw new DamagedException("the chunks of a NAR end " + left + " bytes early");
        }
        begun = true;
        return true;
    }

    private boolean refill() throws IOException {
        if (!advance()) {
            return false;
        }
        int compressed = cursor.compressed();
        frame = frame.length < compressed ? new byte[compressed] : frame;
        raw = raw.length < cursor.raw() ? new byte[cursor.raw()] : raw;
        if (in.readNBytes(frame, 0, compressed) != compressed) {
            throw cut();
        }
        try {
            requireWhole(zstd.decompressByteArray(raw, 0, cursor.raw(), frame, 0, compressed));
        } catch (ZstdException e) {
            throw damaged(e);
        }
        at = skipped;
        skipped = 0;
        end = cursor.raw();
        return true;
    }

    private void inflate(ByteBuf block) throws IOException {
        int compressed = cursor.compressed();
        var source = room(compressed).nioBuffer(0, compressed);
        while (source.hasRemaining()) {
            if (channel.read(source) < 0) {
                throw cut();
            }
        }
        var target = block.nioBuffer(0, cursor.raw());
        try {
            requireWhole(zstd.decompressDirectByteBuffer(target, 0, cursor.raw(), source, 0, compressed));
        } catch (ZstdException e) {
            throw damaged(e);
        }
    }

    /** Returns a direct buffer for a compressed frame. */
    private ByteBuf room(int bytes) {
        var room = direct;
        if (room == null || room.capacity() < bytes) {
            direct = null;
            if (room != null) {
                room.release();
            }
            room = PooledByteBufAllocator.DEFAULT.directBuffer(bytes);
            direct = room;
        }
        return room;
    }

    private void requireWhole(long length) throws DamagedException {
        if (length != cursor.raw()) {
            throw damaged("a chunk of a NAR has another length");
        }
    }

    private DamagedException cut() {
        return damaged("the frames of a NAR end early");
    }

    private DamagedException damaged(ZstdException e) {
        return damaged("a chunk of a NAR is damaged: " + e.getMessage());
    }

    private DamagedException damaged(String detail) {
        doubt.run();
        return new DamagedException(detail);
    }
}
