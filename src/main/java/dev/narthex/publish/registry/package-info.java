/**
 * Publishing through registries: files in, registry documents out, review of proposed releases, and changes to published ones.
 * Implements {@code spi.Registries} for protocol adapters.
 */
@NullMarked
package dev.narthex.publish.registry;

import org.jspecify.annotations.NullMarked;
