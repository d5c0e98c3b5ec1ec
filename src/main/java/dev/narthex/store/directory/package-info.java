/** The store's bytes in a directory of a local file system: synced, renamed into place, never changed. */
@NullMarked
package dev.narthex.store.directory;

import org.jspecify.annotations.NullMarked;
