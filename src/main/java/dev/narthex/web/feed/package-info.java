/**
 * Atom feeds, the site map, and metadata of pages for other programs.
 */
@NullMarked
package dev.narthex.web.feed;

import org.jspecify.annotations.NullMarked;
