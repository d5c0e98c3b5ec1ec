/**
 * Health checks, metrics, traces and request logs.
 */
@NullMarked
package dev.narthex.ops.observe;

import org.jspecify.annotations.NullMarked;
