/**
 * The part of the API of attic that its clients need to configure caches and to push to them.
 */
@NullMarked
package dev.narthex.substituter.attic;

import org.jspecify.annotations.NullMarked;
