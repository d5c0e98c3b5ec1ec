package dev.narthex.store.pack;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.narthex.http.DirectBufferSource;
import dev.narthex.stream.BlockInputStream;
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
 * {@link #nextBuffer}. The checksum of each frame is verified when it is decompressed.
 */
final class DecompressingNarInputStream extends BlockInputStream implements DirectBufferSource {
    private final InputStream in;
    private final ReadableByteChannel channel;
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final ChunkLengths.Cursor cursor;
    private final Runnable onDamage;
    private byte[] frame = new byte[0];
    private byte[] raw = new byte[0];
    private @Nullable ByteBuf directBuffer;
    private int position;
    private int end;
    private long remaining;

    /** Number of bytes at the start of the next chunk that are before the requested range. */
    private int bytesToSkip;

    private boolean started;

    /**
     * @param in the frames, starting with the frame of the first chunk
     * @param cursor positioned at the first chunk
     * @param from first byte to return, as an offset in the NAR; it is in the first chunk
     * @param count number of bytes to return
     * @param onDamage runs when a frame turns out to be damaged
     */
    DecompressingNarInputStream(InputStream in, ChunkLengths.Cursor cursor, long from, long count, Runnable onDamage) {
        this.in = in;
        this.channel = toChannel(in);
        this.cursor = cursor;
        this.remaining = count;
        this.onDamage = onDamage;
        this.bytesToSkip = (int) (from - cursor.rawStart());
    }

    /** Returns the stream itself if it can read into direct buffers without a copy, else an adapter. */
    static ReadableByteChannel toChannel(InputStream in) {
        return in instanceof ReadableByteChannel readableChannel ? readableChannel : Channels.newChannel(in);
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
        System.arraycopy(raw, position, b, off, n);
        position += n;
        remaining -= n;
        return n;
    }

    /** Number of bytes that can be read without decompressing another chunk. */
    @Override
    public int available() {
        return (int) Math.min(end - position, remaining);
    }

    @Override
    public Optional<ByteBuf> nextBuffer() throws IOException {
        if (!advance()) {
            return Optional.empty();
        }
        var block = PooledByteBufAllocator.DEFAULT.directBuffer(cursor.rawLength());
        try {
            inflate(block);
        } catch (IOException | RuntimeException e) {
            block.release();
            throw e;
        }
        int n = (int) Math.min(cursor.rawLength() - bytesToSkip, remaining);
        block.setIndex(bytesToSkip, bytesToSkip + n);
        bytesToSkip = 0;
        remaining -= n;
        return Optional.of(block);
    }

    @Override
    public void close() throws IOException {
        if (directBuffer != null) {
            directBuffer.release();
            directBuffer = null;
        }
        zstd.close();
        in.close();
    }

    /** Moves the cursor to the next chunk. False if all requested bytes were returned. */
    private boolean advance() throws DamagedException {
        if (remaining == 0) {
            return false;
        }
        if (started && !cursor.next()) {
            throw new DamagedException("the chunks of a NAR end " + remaining + " bytes early");
        }
        started = true;
        return true;
    }

    private boolean refill() throws IOException {
        if (!advance()) {
            return false;
        }
        int compressed = cursor.compressedLength();
        frame = frame.length < compressed ? new byte[compressed] : frame;
        raw = raw.length < cursor.rawLength() ? new byte[cursor.rawLength()] : raw;
        if (in.readNBytes(frame, 0, compressed) != compressed) {
            throw truncated();
        }
        try {
            requireLength(zstd.decompressByteArray(raw, 0, cursor.rawLength(), frame, 0, compressed));
        } catch (ZstdException e) {
            throw damaged(e);
        }
        position = bytesToSkip;
        bytesToSkip = 0;
        end = cursor.rawLength();
        return true;
    }

    private void inflate(ByteBuf block) throws IOException {
        int compressed = cursor.compressedLength();
        var source = ensureDirectBuffer(compressed).nioBuffer(0, compressed);
        while (source.hasRemaining()) {
            if (channel.read(source) < 0) {
                throw truncated();
            }
        }
        var target = block.nioBuffer(0, cursor.rawLength());
        try {
            requireLength(zstd.decompressDirectByteBuffer(target, 0, cursor.rawLength(), source, 0, compressed));
        } catch (ZstdException e) {
            throw damaged(e);
        }
    }

    /** Returns a direct buffer for a compressed frame. */
    private ByteBuf ensureDirectBuffer(int bytes) {
        var buffer = directBuffer;
        if (buffer == null || buffer.capacity() < bytes) {
            directBuffer = null;
            if (buffer != null) {
                buffer.release();
            }
            buffer = PooledByteBufAllocator.DEFAULT.directBuffer(bytes);
            directBuffer = buffer;
        }
        return buffer;
    }

    private void requireLength(long length) throws DamagedException {
        if (length != cursor.rawLength()) {
            throw damaged("a chunk of a NAR has another length");
        }
    }

    private DamagedException truncated() {
        return damaged("the frames of a NAR end early");
    }

    private DamagedException damaged(ZstdException e) {
        return damaged("a chunk of a NAR is damaged: " + e.getMessage());
    }

    private DamagedException damaged(String detail) {
        onDamage.run();
        return new DamagedException(detail);
    }
}
