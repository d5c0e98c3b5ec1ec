package dev.narthex.catalog;

import dev.narthex.nix.NixHash;
import java.time.Instant;

/**
 * A path that was sent again with other bytes than it has, which was refused.
 *
 * @param narHash of those bytes
 * @param signer name of a key that claimed to have signed them, whether it had or not; "unsigned" without one
 */
public record Observed(NixHash narHash, String signer, Instant at) {}
