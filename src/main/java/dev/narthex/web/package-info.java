/**
 * The human face: server-made pages and their JSON twins. {@link dev.narthex.web.PageAddress} reads a URL, a builder makes the
 * one view record of that page ({@code dev.narthex.web.view}), and the record is rendered as HTML by a Qute template or as
 * JSON, so the two cannot disagree. Everything shown is untrusted text. Knows no other face.
 */
@NullMarked
package dev.narthex.web;

import org.jspecify.annotations.NullMarked;
