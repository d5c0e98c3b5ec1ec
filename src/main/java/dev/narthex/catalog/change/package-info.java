/**
 * The change log: the ordered list of catalog changes, whose position identifies a state of the catalog. Search, feeds and
 * response caches follow it.
 */
@NullMarked
package dev.narthex.catalog.change;

import org.jspecify.annotations.NullMarked;
