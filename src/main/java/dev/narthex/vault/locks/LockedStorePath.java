package dev.narthex.vault.locks;

import dev.narthex.catalog.release.EquivalentFiles.EquivalentFile;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.ContentAddress.Fixed;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.LockedFile;
import java.util.Optional;

/**
 * A file of a lockfile with its store path.
 *
 * @param key name of the dependency in the lockfile; for a dependency with several files, the name of this file; unique
 * @param path store path that follows from {@code hash}
 * @param hash hash from the lockfile; for a file found by SHA-1, a stronger hash of the same file
 * @param have whether the cache has that path
 * @param elsewhere another path of the cache with the same bytes, if it does not have {@code path}
 * @param url URL of the file in this cache; if the bytes are not here, the URL from the lockfile
 */
record LockedStorePath(
        String key,
        LockedFile file,
        StorePath path,
        NixHash hash,
        boolean have,
        Optional<EquivalentFile> elsewhere,
        String url) {
    /**
     * Returns the path to build. If the cache has the file under another name, it is that path, provided that its hash is the one
     * in the lockfile. A path by another hash of the same strength is never used: then this server, not the lockfile, would vouch
     * for the bytes.
     */
    StorePath pathToBuild() {
        var address = Optional.<ContentAddress>of(new Fixed(false, hash));
        return elsewhere
                .filter(file -> file.ca().equals(address))
                .map(EquivalentFile::path)
                .orElse(path);
    }

    /** Returns the hash from the lockfile if the path is based on another one. */
    Optional<NixHash> matchingHash() {
        return Optional.of(file.hash()).filter(given -> !given.equals(hash));
    }

    LockedStorePath withName(String other) {
        return new LockedStorePath(other, file, path, hash, have, elsewhere, url);
    }
}
