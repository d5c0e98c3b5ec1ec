package dev.narthex.catalog.release;

/**
 * A package.
 *
 * @param name as the first publisher spelled it
 * @param owned whether a registry publish or a promotion bound the name to this cache
 */
public record PackageRow(long id, String name, String normalized, boolean owned) {}
