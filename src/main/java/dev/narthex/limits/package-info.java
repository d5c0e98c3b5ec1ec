/**
 * Limits on the work of this process for its callers. {@link dev.narthex.limits.CpuPermits} limits the threads that work on callers'
 * input, {@link dev.narthex.limits.DecoderMemory} the memory of their decoders. Knows no other package but {@code problem}.
 */
@NullMarked
package dev.narthex.limits;

import org.jspecify.annotations.NullMarked;
