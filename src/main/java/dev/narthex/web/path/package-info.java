/**
 * Pages of a store path: overview, closure, referrers, build log, and why it is kept.
 */
@NullMarked
package dev.narthex.web.path;

import org.jspecify.annotations.NullMarked;
