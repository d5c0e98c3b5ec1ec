package dev.narthex.store;

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
final class Pressing implements Cutter.Sink, AutoCloseable {
    private static final int MOST_AHEAD = 16;

    private final Presses shared;
    private final Domains.Domain domain;
    private final Frames frames;
    private final Deque<Work> ahead = new ArrayDeque<>();
    private @Nullable Room filling;

    Pressing(Presses shared, Domains.Domain domain, Frames frames) {
        this.shared = shared;
        this.domain = domain;
        this.frames = frames;
    }

    /** Receives the frames in order. */
    interface Frames {
        void frame(Press.Frame frame) throws IOException;

        /** Whether a chunk with this SHA-256 is already stored; its frame then has no bytes. Called from several threads. */
        boolean has(byte[] sha256);

        /** Called after the last frame. */
        void finish() throws IOException;
    }

    /**
     * A chunk buffer.
     *
     * @param further whether it is an additional buffer, which must be returned with {@link Presses#endFurther}
     */
    private record Room(byte[] bytes, boolean further) {}

    /**
     * A chunk to compress.
     *
     * @param begun set by the thread that compresses it
     */
    private record Work(
            Room room, Supplier<Press.Frame> press, AtomicBoolean begun, CompletableFuture<Press.Frame> frame)
            implements Runnable {
        static Work of(Room room, Supplier<Press.Frame> press) {
            return new Work(room, press, new AtomicBoolean(), new CompletableFuture<>());
        }

        /** Compresses the chunk unless another thread has started to. */
        @Override
        public void run() {
            if (begun.compareAndSet(false, true)) {
                try {
                    frame.complete(press.get());
                } catch (RuntimeException | Error e) {
                    frame.completeExceptionally(e);
                }
            }
        }

        /** Waits until the chunk is compressed or failed; after that no thread uses its buffer. */
        CompletableFuture<Press.Frame> end() {
            run();
            return frame.handle((made, failure) -> frame).join();
        }
    }

    @Override
    public byte[] room() throws IOException {
        var room = next();
        filling = room;
        return room.bytes;
    }

    private Room next() throws IOException {
        if (ahead.isEmpty()) {
            return new Room(shared.room(domain.chunkMax()), false);
        }
        boolean further = ahead.size() < MOST_AHEAD && shared.beginFurther();
        if (further || ahead.size() > 1) {
            shared.start(ahead.getLast());
        }
        return further ? new Room(shared.room(domain.chunkMax()), true) : handOn();
    }

    @Override
    public void chunk(byte[] bytes, int count) {
        var room = Objects.requireNonNull(filling);
        filling = null;
        ahead.add(Work.of(room, () -> shared.frame(bytes, count, domain.level(), frames::has)));
    }

    /** Passes on the remaining frames. */
    void finish() throws IOException {
        while (!ahead.isEmpty()) {
            give(handOn());
        }
        frames.finish();
    }

    private Room handOn() throws IOException {
        var work = ahead.getFirst();
        frames.frame(work.end().join());
        return ahead.removeFirst().room;
    }

    private void give(Room room) {
        shared.give(room.bytes);
        if (room.further) {
            shared.endFurther();
        }
    }

    @Override
    public void close() {
        for (var work : ahead) {
            work.end();
            give(work.room);
        }
        ahead.clear();
        if (filling != null) {
            give(filling);
            filling = null;
        }
    }
}
