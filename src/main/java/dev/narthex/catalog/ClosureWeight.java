package dev.narthex.catalog;

/**
 * What a store path weighs with all that it refers to, as far as the cache has it.
 *
 * @param narSize bytes of all paths together
 * @param paths how many they are, with itself
 * @param complete whether that is all: nothing is missing, and no limit was met
 */
public record ClosureWeight(long narSize, int paths, boolean complete) {}
