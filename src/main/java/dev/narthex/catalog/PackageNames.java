package dev.narthex.catalog;

import java.util.Map;
import java.util.Optional;

/**
 * A package with how many versions it has, and the names by which they are asked for.
 *
 * @param versions proposed ones too
 * @param released whether any of them is
 * @param byDefault the version that is meant without a name, see {@link Packages#defaultVersion}; empty without releases
 * @param tags with the released version that each stands for, "latest" first
 */
public record PackageNames(
        PackageRow row, long versions, boolean released, Optional<String> byDefault, Map<String, String> tags) {}
