package dev.narthex.catalog;

import dev.narthex.spi.Ecosystem;

/**
 * Where a version stands among those of its package.
 *
 * @param key its unsigned byte order is version order
 * @param spelled whether versions with this key are one version, however they are spelled
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
