/**
 * Streaming readers for hostile archives (tar, zip), trees in a form that archives can contain, and reproducible compression.
 * Recognizers and transcoders use them with the same limits. Plugins may import this package.
 */
@NullMarked
package dev.narthex.archive;

import org.jspecify.annotations.NullMarked;
