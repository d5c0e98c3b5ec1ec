package dev.narthex.web.view;

/**
 * A range in a text.
 *
 * @param from index of its first UTF-16 code unit
 * @param to index after its last code unit
 */
public record Span(int from, int to) {}
