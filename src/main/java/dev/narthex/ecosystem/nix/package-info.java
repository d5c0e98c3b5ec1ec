/**
 * The nix ecosystem: store paths as packages, named by their derivation ({@link dev.narthex.ecosystem.nix.NixEcosystem}). Has no
 * endpoints, because nix clients use the substituter, on which this package does not depend.
 */
@NullMarked
package dev.narthex.ecosystem.nix;

import org.jspecify.annotations.NullMarked;
