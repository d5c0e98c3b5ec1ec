package dev.narthex.catalog;

import java.util.Map;
import java.util.Optional;

/**
 * A package with the names by which its versions are asked for.
 *
 * @param byDefault the version that is meant without a name, see {@link Packages#defaultVersion}; empty without releases
 * @param tags with the released version that each stands for, "latest" first
 */
public record PackageNames(PackageRow row, Optional<String> byDefault, Map<String, String> tags) {}
