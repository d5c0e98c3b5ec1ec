/**
 * Caches as tenants, for those who own them: made, set, given keys and limits, deleted and brought back.
 * {@link dev.narthex.tenant.Tenants} does it, whichever face asks; its own is the JSON API at {@code /_api/v1/caches}. What a
 * cache is and holds stays with {@code catalog} and {@code store}, who may do what with {@code access}.
 */
@NullMarked
package dev.narthex.tenant;

import org.jspecify.annotations.NullMarked;
