/**
 * Finds the store paths for a lockfile of another registry. Paths are computed from the hashes in the lockfile, without any
 * request.
 */
@NullMarked
package dev.narthex.vault.locks;

import org.jspecify.annotations.NullMarked;
