/**
 * The formats of Nix as plain values: store paths, hashes, narinfos with their signatures, NARs, listings, derivations, and
 * the compressions that NARs travel in. {@link dev.narthex.nix.StorePath}, {@link dev.narthex.nix.NarInfo} and
 * {@link dev.narthex.nix.NarReader} are the ones to read first. Whatever is parsed here is untrusted: wrong input ends in a
 * {@link dev.narthex.problem.ProblemException}, memory is bounded by named limits and never by a length that the input claims.
 * Knows no framework and no other package of ours but {@code problem}.
 */
@NullMarked
package dev.narthex.nix;

import org.jspecify.annotations.NullMarked;
