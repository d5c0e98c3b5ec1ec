/**
 * Download counts: collected in memory, written in batches, and summed up by day.
 */
@NullMarked
package dev.narthex.catalog.download;

import org.jspecify.annotations.NullMarked;
