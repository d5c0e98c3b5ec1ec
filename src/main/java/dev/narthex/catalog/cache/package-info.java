/**
 * Caches with their settings, signing keys, quotas and statistics, and how a cache is deleted and restored.
 */
@NullMarked
package dev.narthex.catalog.cache;

import org.jspecify.annotations.NullMarked;
