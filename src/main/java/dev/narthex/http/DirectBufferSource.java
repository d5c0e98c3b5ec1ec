package dev.narthex.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Optional;

/**
 * Implemented by streams that can produce their bytes in direct buffers, from which the network sends them; through the heap
 * they would be copied twice more. A caller either reads the stream or takes its blocks, not both.
 */
public interface DirectBufferSource {
    /** Returns the next bytes in a pooled buffer that the caller must release; empty at the end. */
    Optional<ByteBuf> nextBuffer() throws IOException;
}
