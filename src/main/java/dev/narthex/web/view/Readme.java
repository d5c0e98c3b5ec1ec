package dev.narthex.web.view;

/**
 * A release's own description of itself.
 *
 * @param format media type
 * @param text as published; untrusted
 * @param html safe HTML made of it; empty if it is to be shown as plain text
 */
public record Readme(String format, String text, String html) {}
