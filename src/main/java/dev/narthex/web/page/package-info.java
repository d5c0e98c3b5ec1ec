/**
 * Shared by all pages: the parsed request, layout, formats and templates. It knows no page.
 */
@NullMarked
package dev.narthex.web.page;

import org.jspecify.annotations.NullMarked;
