/**
 * Administration of caches by their owners: creating, configuring, keys, limits, deletion, garbage collection, pins and purges.
 * {@link dev.narthex.tenant.Tenants} and the other services serve every protocol adapter; the endpoints here are the JSON API
 * under {@code /_api/v1}. The content of caches belongs to {@code catalog} and {@code store}, permissions to {@code access}.
 */
@NullMarked
package dev.narthex.tenant;

import org.jspecify.annotations.NullMarked;
