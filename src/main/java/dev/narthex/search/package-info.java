/**
 * Finds packages by what they are called, what they are for and what is in them. {@link dev.narthex.search.Index} answers;
 * its documents are copies of the catalog, kept fresh by following the change log, and can be thrown away at any time.
 * Documents carry the id of their cache and nothing of who may see it: every question names the caches that its reader may
 * read. Without an index, or with one that is behind, the answer is empty and the caller asks the catalog.
 */
@NullMarked
package dev.narthex.search;

import org.jspecify.annotations.NullMarked;
