package dev.narthex.web.view;

/** A name that stands for a version, such as npm's dist-tags. */
public record Tag(String name, String version, String url) {}
