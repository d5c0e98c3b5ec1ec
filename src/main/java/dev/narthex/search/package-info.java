/**
 * Searches packages by name, description and content. {@link dev.narthex.search.PackageSearchIndex} answers queries; its
 * documents are copies
 * from the catalog, kept up to date by following the change log, and can be deleted at any time. Documents carry the id of their
 * cache but no visibility: each query names the caches that the reader may see. If the index is missing or too far behind, the
 * result is empty and the caller queries the catalog.
 */
@NullMarked
package dev.narthex.search;

import org.jspecify.annotations.NullMarked;
