/**
 * Reads and validates settings before the application starts. Unknown or invalid settings prevent startup; all errors are
 * reported together.
 */
@NullMarked
package dev.narthex.ops.settings;

import org.jspecify.annotations.NullMarked;
