/**
 * Renders readmes of untrusted packages to safe HTML: {@link dev.narthex.web.readme.Readmes}. CommonMark with tables, then an
 * allow-list sanitizer whose output is rewritten in one pass ({@code ReadmeRewriter}).
 */
@NullMarked
package dev.narthex.web.readme;

import org.jspecify.annotations.NullMarked;
