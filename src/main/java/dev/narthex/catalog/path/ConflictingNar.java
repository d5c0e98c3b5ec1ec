package dev.narthex.catalog.path;

import dev.narthex.nix.NixHash;
import java.time.Instant;

/**
 * A rejected push of a path with other bytes than the cache has.
 *
 * @param narHash of the rejected bytes
 * @param signer name of the key in the pushed signature, which is not verified; "unsigned" if there was none
 */
public record ConflictingNar(NixHash narHash, String signer, Instant at) {}
