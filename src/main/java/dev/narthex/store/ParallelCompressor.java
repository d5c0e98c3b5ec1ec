package dev.narthex.store;

import dev.narthex.store.pack.NarChunker;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the chunks of one NAR on several processors and passes the frames on in order. A chunk is handed to another thread
 * only if more bytes follow it, so the many NARs of a single chunk have no overhead. A chunk that no thread has started when
 * its frame is needed is compressed by the uploading thread.
 */
final class ParallelCompressor implements NarChunker.Sink, AutoCloseable {
    private static final int MAX_PENDING_CHUNKS = 16;

    private final CompressorPool pool;
    private final DedupDomains.Domain domain;
    private final FrameSink sink;
    private final Deque<CompressionTask> pending = new ArrayDeque<>();
    private @Nullable ChunkBuffer currentBuffer;

    ParallelCompressor(CompressorPool pool, DedupDomains.Domain domain, FrameSink sink) {
        this.pool = pool;
        this.domain = domain;
        this.sink = sink;
    }

    /** Receives the frames in order. */
    interface FrameSink {
        void acceptFrame(FrameCompressor.Frame frame) throws IOException;

        /** Whether a chunk with this SHA-256 is already stored; its frame then has no bytes. Called from several threads. */
        boolean isStored(byte[] sha256);

        /** Called after the last frame. */
        void finish() throws IOException;
    }

    /**
     * A chunk buffer.
     *
     * @param extra whether it is an additional buffer, which must be returned with {@link CompressorPool#releaseExtraBuffer}
     */
    private record ChunkBuffer(byte[] bytes, boolean extra) {}

    /**
     * A chunk to compress.
     *
     * @param started set by the thread that compresses it
     */
    private record CompressionTask(
            ChunkBuffer buffer,
            Supplier<FrameCompressor.Frame> compression,
            AtomicBoolean started,
            CompletableFuture<FrameCompressor.Frame> frame)
            implements Runnable {
        static CompressionTask of(ChunkBuffer buffer, Supplier<FrameCompressor.Frame> compression) {
            return new CompressionTask(buffer, compression, new AtomicBoolean(), new CompletableFuture<>());
        }

        /** Compresses the chunk unless another thread has started to. */
        @Override
        public void run() {
            if (started.compareAndSet(false, true)) {
                try {
                    frame.complete(compression.get());
                } catch (RuntimeException | Error e) {
                    frame.completeExceptionally(e);
                }
            }
        }

        /** Waits until the chunk is compressed or failed; after that no thread uses its buffer. */
        CompletableFuture<FrameCompressor.Frame> awaitEnd() {
            run();
            return frame.handle((compressed, failure) -> frame).join();
        }
    }

    @Override
    public byte[] nextBuffer() throws IOException {
        var buffer = allocateBuffer();
        currentBuffer = buffer;
        return buffer.bytes;
    }

    private ChunkBuffer allocateBuffer() throws IOException {
        if (pending.isEmpty()) {
            return new ChunkBuffer(pool.takeBuffer(domain.chunkMax()), false);
        }
        boolean extra = pending.size() < MAX_PENDING_CHUNKS && pool.tryReserveExtraBuffer();
        if (extra || pending.size() > 1) {
            pool.submit(pending.getLast());
        }
        return extra ? new ChunkBuffer(pool.takeBuffer(domain.chunkMax()), true) : passOnFirst();
    }

    @Override
    public void acceptChunk(byte[] bytes, int count) {
        var buffer = Objects.requireNonNull(currentBuffer);
        currentBuffer = null;
        pending.add(CompressionTask.of(buffer, () -> pool.compress(bytes, count, domain.level(), sink::isStored)));
    }

    /** Passes on the remaining frames. */
    void finish() throws IOException {
        while (!pending.isEmpty()) {
            releaseBuffer(passOnFirst());
        }
        sink.finish();
    }

    private ChunkBuffer passOnFirst() throws IOException {
        var task = pending.getFirst();
        sink.acceptFrame(task.awaitEnd().join());
        return pending.removeFirst().buffer;
    }

    private void releaseBuffer(ChunkBuffer buffer) {
        pool.returnBuffer(buffer.bytes);
        if (buffer.extra) {
            pool.releaseExtraBuffer();
        }
    }

    @Override
    public void close() {
        for (var task : pending) {
            task.awaitEnd();
            releaseBuffer(task.buffer);
        }
        pending.clear();
        if (currentBuffer != null) {
            releaseBuffer(currentBuffer);
            currentBuffer = null;
        }
    }
}
