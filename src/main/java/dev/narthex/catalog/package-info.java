/**
 * The data model: caches, store paths, packages with their releases, and the change log. Pages and clients read
 * {@link dev.narthex.catalog.path.Paths} and {@link dev.narthex.catalog.release.Packages}; recognition writes through
 * {@link dev.narthex.catalog.release.Releases}. Rows stay inside this package, callers get records. Bytes belong to the store,
 * of which
 * only the view {@code nar_facts} is used. Permissions are not checked here.
 *
 * <p>A read is one indexed query, or the number that its method states, regardless of the size of the result. Every query on the
 * content of a cache is restricted to that cache. Writes run in the caller's transaction.
 */
@NullMarked
package dev.narthex.catalog;

import org.jspecify.annotations.NullMarked;
