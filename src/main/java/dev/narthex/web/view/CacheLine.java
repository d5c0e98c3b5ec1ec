package dev.narthex.web.view;

/**
 * A cache in a list.
 *
 * @param open readable by everyone
 */
public record CacheLine(String url, String name, String summary, boolean open, long packages) {}
