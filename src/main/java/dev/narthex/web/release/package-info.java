/**
 * Pages of a release: overview, versions, dependencies, provenance, security, derivation.
 */
@NullMarked
package dev.narthex.web.release;

import org.jspecify.annotations.NullMarked;
