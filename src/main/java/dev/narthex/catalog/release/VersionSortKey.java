package dev.narthex.catalog.release;

import dev.narthex.spi.Ecosystem;

/**
 * The position of a version in the version order of its package.
 *
 * @param key sort key; its unsigned byte order is the version order
 * @param spelled whether versions with equal keys are the same version in different spellings
 */
public record VersionSortKey(byte[] key, boolean prerelease, boolean spelled) {
    public VersionSortKey {
        key = key.clone();
    }

    public static VersionSortKey of(Ecosystem ecosystem, String version) {
        return new VersionSortKey(
                ecosystem.versionKey(version), ecosystem.prerelease(version), ecosystem.equalKeysAreOneVersion());
    }

    @Override
    public byte[] key() {
        return key.clone();
    }
}
