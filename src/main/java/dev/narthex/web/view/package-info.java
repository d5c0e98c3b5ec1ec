/**
 * What pages show: one record for each page, {@link dev.narthex.web.view.View}. Components are the JSON twin; methods derive
 * what only the HTML needs. Plain values: no look-ups, no framework.
 */
@NullMarked
package dev.narthex.web.view;

import org.jspecify.annotations.NullMarked;
