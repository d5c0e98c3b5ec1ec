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
 * Makes the chunks of one NAR frames, on several processors, and hands them on in order. A chunk goes to another thread when there
 * are bytes after it, so that the many NARs of one chunk pay nothing for it; what nobody has begun by the time it is wanted is made
 * by the push itself.
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

    /** Takes the frames in order. */
    interface Frames {
        void frame(Press.Frame frame) throws IOException;

        /** Whether a chunk of this SHA-256 lies somewhere already: it comes without bytes. Asked by other threads, too. */
        boolean has(byte[] sha256);

        /** Is told that there are no more. */
        void finish() throws IOException;
    }

    /** @param further whether it is one beside the push's own */
    private record Room(byte[] bytes, boolean further) {}

    /** @param begun by whoever makes the frame */
    private record Work(
            Room room, Supplier<Press.Frame> press, AtomicBoolean begun, CompletableFuture<Press.Frame> frame)
            implements Runnable {
        static Work of(Room room, Supplier<Press.Frame> press) {
            return new Work(room, press, new AtomicBoolean(), new CompletableFuture<>());
        }

        /** Makes the frame, unless somebody else does. */
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

        /** Returns once it is made, or failed, and nobody has the room any more. */
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

    /** Hands on what is left. */
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
