package dev.narthex.web.view;

/** A name that points to a version, such as an npm dist-tag. */
public record Tag(String name, String version, String url) {}
