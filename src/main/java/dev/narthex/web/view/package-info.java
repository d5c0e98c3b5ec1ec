/**
 * The content of pages: one record for each page, {@link dev.narthex.web.view.View}. The components are the page's JSON; methods
 * derive values that only the HTML needs. Plain values without queries or frameworks.
 */
@NullMarked
package dev.narthex.web.view;

import org.jspecify.annotations.NullMarked;
