package dev.narthex.spi;

/**
 * A dependency that a manifest declares.
 *
 * @param name as written
 * @param normalized by the rule of this ecosystem
 * @param range as written; empty for any version
 * @param kind the ecosystem's term: "runtime", "dev", "peer", "optional", an extra …
 */
public record Dependency(String name, String normalized, String range, String kind) {}
