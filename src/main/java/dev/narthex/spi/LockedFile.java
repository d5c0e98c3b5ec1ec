package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import java.util.Optional;

/**
 * A file that a lockfile names, with the hash that its bytes must have.
 *
 * @param key the lockfile's key for this dependency
 * @param name of the package
 * @param version empty if the lockfile has none
 * @param filename name of the store path that nixpkgs fetchers would give it: the last segment of the URL. Some lockfiles
 *     identify files only by hash; then it is empty.
 * @param hash the strongest hash in the lockfile
 * @param url http(s) URL of the file, as the lockfile has it
 */
public record LockedFile(
        String key, String name, String version, Optional<String> filename, NixHash hash, Optional<String> url) {
    public LockedFile {
        if (filename.isPresent() && !StorePath.isName(filename.get())) {
            throw Problem.malformed("locked file", filename.get(), "no store path can have that name.");
        }
    }
}
