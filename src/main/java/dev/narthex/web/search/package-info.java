/**
 * Search and listing pages.
 */
@NullMarked
package dev.narthex.web.search;

import org.jspecify.annotations.NullMarked;
