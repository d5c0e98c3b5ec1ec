package dev.narthex.web.view;

/**
 * A part of a text.
 *
 * @param from the first UTF-16 unit of it
 * @param to the first one after it
 */
public record Span(int from, int to) {}
