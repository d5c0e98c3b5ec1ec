package dev.narthex.content;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Optional;

/**
 * What a stream is besides if it can make its bytes outside of the heap, from where the network takes them: through the heap
 * they would be copied twice more. Either the stream is read or its blocks are taken, not both.
 */
public interface BlockSource {
    /** The bytes that come next, in a buffer of the pool that the caller releases; empty at the end. */
    Optional<ByteBuf> block() throws IOException;
}
