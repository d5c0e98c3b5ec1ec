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
 * Chunks, decompressed one after the other: each into the heap for who reads, into a block of its own for who takes those.
 * A frame's own checksum is compared when it is decompressed.
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

    /** What of the next chunk is not asked for. */
    private int skipped;

    private boolean begun;

    /**
     * @param in frames from that of the first chunk on
     * @param cursor at the first chunk
     * @param from of the NAR, in the first chunk
     * @param doubt is run when the frames turn out to be damaged
     */
    NarStream(InputStream in, ChunkLens.Cursor cursor, long from, long count, Runnable doubt) {
        this.in = in;
        this.channel = channel(in);
        this.cursor = cursor;
        this.left = count;
        this.doubt = doubt;
        this.skipped = (int) (from - cursor.rawStart());
    }

    /** Reads into memory outside of the heap without a copy, where the stream can do so. */
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

    /** What can be read without touching another chunk. */
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

    /** Whether anything is left; if so, the cursor is at its chunk. */
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

    /** For frames outside of the heap. */
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
