package dev.narthex.web.view;

/**
 * One package that a store path is known as.
 *
 * @param released false while it is only proposed
 */
public record Known(String url, EcosystemName ecosystem, String name, String version, boolean released) {}
