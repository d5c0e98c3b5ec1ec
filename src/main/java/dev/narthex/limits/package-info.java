/**
 * Limits the work of this process for its callers. {@link dev.narthex.limits.CpuPermits} limits the threads that process
 * callers' input, {@link dev.narthex.limits.DecoderMemory} the memory of their decoders. Depends only on {@code problem}.
 */
@NullMarked
package dev.narthex.limits;

import org.jspecify.annotations.NullMarked;
