package dev.narthex.publish;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends, read by a thread of its own while what came before is worked on: a connection gives little at a time, and
 * goes on when that was taken. What fits into one piece is read by whoever wants it.
 */
final class ReadAhead extends InputStream {
    private static final int PIECE_BYTES = 256 << 10;
    private static final int PIECES = 4;

    private final InputStream in;
    private final BlockingQueue<Piece> read = new ArrayBlockingQueue<>(PIECES);
    private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(PIECES);
    private Piece piece = new Piece(new byte[0], 0, null);
    private int at;
    private @Nullable Thread reader;

    ReadAhead(InputStream in) {
        this.in = in;
    }

    /** @param failure what came in place of the rest */
    private record Piece(byte[] bytes, int count, @Nullable Exception failure) {
        boolean last() {
            return failure != null || (bytes.length > 0 && count < bytes.length);
        }
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        while (at == piece.count) {
            if (piece.last()) {
                return end();
            }
            piece = next();
            at = 0;
        }
        int n = Math.min(length, piece.count - at);
        System.arraycopy(piece.bytes, at, bytes, offset, n);
        at += n;
        return n;
    }

    @Override
    public int available() {
        return piece.count - at;
    }

    private int end() throws IOException {
        if (piece.failure instanceof IOException failure) {
            throw failure;
        }
        if (piece.failure instanceof RuntimeException failure) {
            throw failure;
        }
        return -1;
    }

    private Piece next() throws IOException {
        try {
            if (reader != null) {
                empty.put(piece.bytes);
                return read.take();
            }
            var first = filled(new byte[PIECE_BYTES]);
            if (!first.last()) {
                for (int i = 1; i < PIECES; i++) {
                    empty.put(new byte[PIECE_BYTES]);
                }
                reader = Thread.ofVirtual().name("read-ahead").start(this::readOn);
            }
            return first;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void readOn() {
        try {
            boolean more = true;
            while (more) {
                var came = filled(empty.take());
                read.put(came);
                more = !came.last();
            }
        } catch (InterruptedException e) {
            // nobody wants the rest
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("while something was received").initCause(e);
    }

    private Piece filled(byte[] bytes) {
        int count = 0;
        try {
            for (int n = 0; n >= 0 && count < bytes.length; n = in.read(bytes, count, bytes.length - count)) {
                count += n;
            }
            return new Piece(bytes, count, null);
        } catch (IOException | RuntimeException e) {
            return new Piece(bytes, count, e);
        }
    }

    /** Closed while it is read, a connection would give bytes to two at once. */
    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.interrupt();
            try {
                reader.join();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        in.close();
    }
}
