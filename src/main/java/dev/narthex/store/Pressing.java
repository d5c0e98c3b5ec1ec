package dev.narthex.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes the chunks of one NAR frames, on several processors, and hands them on in order. A chunk goes to another thread when the
 * next one comes, so that the many NARs of one chunk pay nothing for it; what nobody has begun by the time it is wanted is made
 * by the push itself.
 */
final class Pressing implements Cutter.Sink, AutoCloseable {
    private static final int MOST_AHEAD = 8;

    private final Presses shared;
    private final Domains.Domain domain;
    private final Frames frames;
    private final Deque<Work> ahead = new ArrayDeque<>();

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

    /**
     * @param further whether the press is one beside the push's own
     * @param begun by whoever makes the frame
     */
    private record Work(
            Press press, Frames frames, boolean further, AtomicBoolean begun, CompletableFuture<Press.Frame> frame)
            implements Runnable {
        static Work of(Press press, Frames frames, boolean further) {
            return new Work(press, frames, further, new AtomicBoolean(), new CompletableFuture<>());
        }

        /** Makes the frame, unless somebody else does. */
        @Override
        public void run() {
            if (begun.compareAndSet(false, true)) {
                try {
                    frame.complete(press.frame(frames::has));
                } catch (RuntimeException | Error e) {
                    frame.completeExceptionally(e);
                }
            }
        }

        /** Returns once it is made, or failed, and nobody has the press any more. */
        CompletableFuture<Press.Frame> end() {
            run();
            return frame.handle((made, failure) -> frame).join();
        }
    }

    @Override
    public void chunk(byte[] bytes, int from, int count) throws IOException {
        var work = next();
        work.press.load(bytes, from, count, domain.level());
        ahead.add(work);
    }

    /** Hands on what is left. */
    void finish() throws IOException {
        while (!ahead.isEmpty()) {
            give(handOn());
        }
        frames.finish();
    }

    private Work next() throws IOException {
        if (ahead.isEmpty()) {
            return Work.of(shared.take(domain.chunkMax()), frames, false);
        }
        boolean further = ahead.size() < MOST_AHEAD && shared.beginFurther();
        if (further || ahead.size() > 1) {
            shared.start(ahead.getLast());
        }
        if (further) {
            return Work.of(shared.take(domain.chunkMax()), frames, true);
        }
        var done = handOn();
        return Work.of(done.press, frames, done.further);
    }

    private Work handOn() throws IOException {
        var work = ahead.getFirst();
        frames.frame(work.end().join());
        return ahead.removeFirst();
    }

    private void give(Work work) {
        shared.give(work.press);
        if (work.further) {
            shared.endFurther();
        }
    }

    @Override
    public void close() {
        for (var work : ahead) {
            work.end();
            give(work);
        }
        ahead.clear();
    }
}
