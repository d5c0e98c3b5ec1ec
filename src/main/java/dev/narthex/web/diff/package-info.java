/**
 * Pages that compare two releases or two store paths: files, dependencies, closures, derivations.
 */
@NullMarked
package dev.narthex.web.diff;

import org.jspecify.annotations.NullMarked;
