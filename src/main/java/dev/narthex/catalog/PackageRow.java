package dev.narthex.catalog;

/**
 * A package.
 *
 * @param name as its first publisher wrote it
 * @param owned a registry publish or a promotion made the name this cache's own
 */
public record PackageRow(long id, String name, String normalised, boolean owned) {}
