package dev.narthex.catalog;

import dev.narthex.spi.Ecosystem;

/**
 * The position of a version in the version order of its package.
 *
 * @param key sort key; its unsigned byte order is the version order
 * @param spelled whether versions with equal keys are the same version in different spellings
 */
public record VersionOrder(byte[] key, boolean prerelease, boolean spelled) {
    public VersionOrder {
        key = key.clone();
    }

    public static VersionOrder of(Ecosystem ecosystem, String version) {
        return new VersionOrder(
                ecosystem.versionKey(version), ecosystem.prerelease(version), ecosystem.equalKeysAreOneVersion());
    }

    @Override
    public byte[] key() {
        return key.clone();
    }
}
