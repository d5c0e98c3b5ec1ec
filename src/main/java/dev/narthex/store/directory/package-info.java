/** Stores packs in a directory of a local file system. Files are synced, renamed into place, and never changed. */
@NullMarked
package dev.narthex.store.directory;

import org.jspecify.annotations.NullMarked;
