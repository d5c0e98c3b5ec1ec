package dev.narthex.web.view;

/**
 * The readme of a release.
 *
 * @param format media type
 * @param text as published; untrusted
 * @param html sanitized HTML; empty if the readme is shown as plain text
 */
public record Readme(String format, String text, String html) {}
