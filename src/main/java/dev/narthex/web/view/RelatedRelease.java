package dev.narthex.web.view;

/**
 * A release that a store path was recognized as.
 *
 * @param released false while it is only proposed
 */
public record RelatedRelease(String url, EcosystemName ecosystem, String name, String version, boolean released) {}
