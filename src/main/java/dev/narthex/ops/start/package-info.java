/**
 * Startup: the main class, the checks that run before a server accepts requests, and the setup of a new instance.
 */
@NullMarked
package dev.narthex.ops.start;

import org.jspecify.annotations.NullMarked;
