/**
 * What exists: caches, store paths, packages with their releases, and the log of changes. {@link dev.narthex.catalog.Paths}
 * and {@link dev.narthex.catalog.Packages} are read by every page and every client, {@link dev.narthex.catalog.Releases} is
 * written by recognition. Rows stay in here, callers get records. Bytes belong to the store: the view {@code nar_facts} is
 * all that is seen of them. Who may do what is not asked here.
 *
 * <p>Reads are one indexed query each, or as many as the method says, however long the answer is. Every query on what a
 * cache holds names the cache. Writes run in the caller's transaction.
 */
@NullMarked
package dev.narthex.catalog;

import org.jspecify.annotations.NullMarked;
