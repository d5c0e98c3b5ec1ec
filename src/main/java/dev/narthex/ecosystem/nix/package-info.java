/**
 * Store paths as packages: {@link dev.narthex.ecosystem.nix.NixEcosystem} names them by their derivation. Has no endpoints;
 * nix clients are served by the substituter, which this package does not know.
 */
@NullMarked
package dev.narthex.ecosystem.nix;

import org.jspecify.annotations.NullMarked;
