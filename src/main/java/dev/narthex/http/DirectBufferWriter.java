package dev.narthex.http;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;

/**
 * Sends pooled buffers to a client without copying them. At most one buffer waits for the network while the next one is
 * produced, so memory stays bounded for slow clients. A buffer is released when Vert.x reports its result, which it does for
 * every write: sent, or failed because the connection was closed.
 */
final class DirectBufferWriter {
    /** The first bytes are written to the response stream, which sends the response headers. */
    private static final int FIRST_WRITE_BYTES = 4096;

    private final HttpServerResponse response;
    private Future<Void> lastWrite = Future.succeededFuture();

    private DirectBufferWriter(HttpServerResponse response) {
        this.response = response;
    }

    static void send(DirectBufferSource source, OutputStream out, HttpServerResponse response) throws IOException {
        var writer = new DirectBufferWriter(response);
        var next = source.nextBuffer();
        if (next.isPresent()) {
            writeFirstBytes(next.get(), out);
        }
        while (next.isPresent()) {
            writer.write(next.get());
            next = source.nextBuffer();
        }
        await(writer.lastWrite);
    }

    private static void writeFirstBytes(ByteBuf buffer, OutputStream out) throws IOException {
        try {
            buffer.readBytes(out, Math.min(FIRST_WRITE_BYTES, buffer.readableBytes()));
            out.flush();
        } catch (IOException | RuntimeException e) {
            buffer.release();
            throw e;
        }
    }

    private void write(ByteBuf buffer) throws IOException {
        Future<Void> write;
        try {
            // Buffer.buffer wraps the block in a way that ignores Netty's release calls, so it is released below
            write = response.write(Buffer.buffer(buffer));
        } catch (RuntimeException e) {
            buffer.release();
            throw new IOException("the answer has ended", e);
        }
        write.onComplete(result -> buffer.release());
        await(lastWrite);
        lastWrite = write;
    }

    private static void await(Future<Void> write) throws IOException {
        try {
            write.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IOException("the client closed the connection", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sending");
        }
    }
}
