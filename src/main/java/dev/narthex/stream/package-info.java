/** Base classes of input streams. */
@NullMarked
package dev.narthex.stream;

import org.jspecify.annotations.NullMarked;
