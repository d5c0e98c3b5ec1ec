package dev.narthex.catalog;

/**
 * A release that a store path belongs to.
 *
 * @param released false while it is only proposed
 */
public record KnownAs(String ecosystem, String name, String normalised, String version, boolean released) {}
