package dev.narthex.catalog.path;

/**
 * The size of a closure, as far as it is in the cache.
 *
 * @param narSize sum of the NAR sizes in bytes
 * @param paths number of paths, including the root
 * @param complete whether no path is missing and no limit was reached
 */
public record ClosureTotals(long narSize, int paths, boolean complete) {}
