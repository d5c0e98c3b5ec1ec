package dev.narthex.catalog.release;

import java.util.Map;
import java.util.Optional;

/**
 * A package with the number of its versions and its tags.
 *
 * @param versions number of versions, including proposed ones
 * @param released whether any version is released
 * @param byDefault the default version, see {@link Packages#defaultVersion}; empty if there are no versions
 * @param tags the released version of each tag, "latest" first
 */
public record PackageNames(
        PackageRow row, long versions, boolean released, Optional<String> byDefault, Map<String, String> tags) {}
