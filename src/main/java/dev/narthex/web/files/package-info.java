/**
 * The file browser of a store path: trees, text with highlighting, raw files, and files inside archives.
 */
@NullMarked
package dev.narthex.web.files;

import org.jspecify.annotations.NullMarked;
