/**
 * The web pages and their JSON twins, rendered on the server. {@link dev.narthex.web.page.PageAddress} parses a URL, a builder
 * creates
 * the page's view record ({@code dev.narthex.web.view}), and the record is rendered as HTML by a Qute template or serialized as
 * JSON, so the two cannot disagree. All displayed text is untrusted. This package does not depend on other protocol adapters.
 */
@NullMarked
package dev.narthex.web;

import org.jspecify.annotations.NullMarked;
