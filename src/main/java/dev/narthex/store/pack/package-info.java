/**
 * The stored formats: chunks, frames, packs and recipes, and the interface of the backends that hold packs.
 */
@NullMarked
package dev.narthex.store.pack;

import org.jspecify.annotations.NullMarked;
