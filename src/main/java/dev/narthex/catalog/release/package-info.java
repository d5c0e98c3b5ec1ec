/**
 * Packages, releases and artifacts with their tags, attestations, derived files and withdrawal states, and the lists and
 * searches over them.
 */
@NullMarked
package dev.narthex.catalog.release;

import org.jspecify.annotations.NullMarked;
