package dev.narthex.spi;

import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import java.util.Optional;

/**
 * A file that a lock names, with the hash that its bytes must have.
 *
 * @param key what the lock calls this dependency; each once
 * @param name of the package
 * @param filename what fetchers of nixpkgs would call its store path: the last part of the address
 * @param hash the strongest that the lock has
 * @param url where the lock says that it is; http or https
 * @param route its place below {@code /registry/{cache}/{ecosystem}/}, if this face serves such files
 */
public record LockedFile(
        String key,
        String name,
        String version,
        String filename,
        NixHash hash,
        Optional<String> url,
        Optional<String> route) {
    public LockedFile {
        if (!StorePath.isName(filename) || (url.isEmpty() && route.isEmpty())) {
            throw new Problem.Malformed("locked file", key, "it needs a name that a store path can have, and a place.")
                    .asException();
        }
    }
}
