package dev.narthex.vault;

import dev.narthex.catalog.SameBytes.Place;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.ContentAddress.Fixed;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.LockedFile;
import java.util.Optional;

/**
 * Where a file of a lock is.
 *
 * @param key what the lock calls the dependency, or if that is one of several files, the name of this one; each once
 * @param path that {@code hash} makes
 * @param hash the lock's; of what was found by a SHA-1, a stronger one of the same file
 * @param have whether the cache has that path
 * @param elsewhere where it has the same bytes, if it does not
 * @param url of the file: this cache's, or if the bytes are not here the lock's
 */
record Located(
        String key,
        LockedFile file,
        StorePath path,
        NixHash hash,
        boolean have,
        Optional<Place> elsewhere,
        String url) {
    /**
     * The path to build: one that the cache has under another name, if it is named by the lock's hash too. Never one by
     * another hash of the same strength: then the lock would not vouch for the bytes any more, only this server.
     */
    StorePath built() {
        var address = Optional.<ContentAddress>of(new Fixed(false, hash));
        return elsewhere
                .filter(place -> place.ca().equals(address))
                .map(Place::path)
                .orElse(path);
    }

    /** The lock's hash, if that does not name the path. */
    Optional<NixHash> foundBy() {
        return Optional.of(file.hash()).filter(given -> !given.equals(hash));
    }

    Located called(String other) {
        return new Located(other, file, path, hash, have, elsewhere, url);
    }
}
