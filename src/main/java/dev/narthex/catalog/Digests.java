package dev.narthex.catalog;

import dev.narthex.nix.NixHash;
import java.util.Optional;

/** Hashes of the bytes of one artifact. */
public record Digests(NixHash sha256, Optional<NixHash> sha512, Optional<NixHash> sha1) {}
