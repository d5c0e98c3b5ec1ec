/**
 * Timeouts and limits of client connections, below HTTP.
 */
@NullMarked
package dev.narthex.ops.connections;

import org.jspecify.annotations.NullMarked;
