package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import java.util.Optional;

/**
 * A file that a lock names, with the hash that its bytes must have.
 *
 * @param key what the lock calls this dependency
 * @param name of the package
 * @param version may be empty if the lock has none
 * @param filename what fetchers of nixpkgs would call its store path: the last part of the address. Some locks tell files by
 *     their hashes alone.
 * @param hash the strongest that the lock has
 * @param url where the lock says that it is; http or https
 */
public record LockedFile(
        String key, String name, String version, Optional<String> filename, NixHash hash, Optional<String> url) {
    public LockedFile {
        if (filename.isPresent() && !StorePath.isName(filename.get())) {
            throw new Problem.Malformed("locked file", filename.get(), "no store path can have that name.")
                    .asException();
        }
    }
}
