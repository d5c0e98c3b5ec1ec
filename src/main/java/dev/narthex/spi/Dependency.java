package dev.narthex.spi;

/**
 * What a manifest asks for.
 *
 * @param name as written
 * @param normalised by this ecosystem's rule
 * @param range as written, empty for any version
 * @param kind the ecosystem's word: "runtime", "dev", "peer", "optional", an extra …
 */
public record Dependency(String name, String normalised, String range, String kind) {}
