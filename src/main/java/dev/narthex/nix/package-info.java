/**
 * The formats of Nix as plain values: store paths, hashes, narinfos and their signatures, NARs, listings, derivations, and the
 * compression formats of NARs. Start with {@link dev.narthex.nix.StorePath}, {@link dev.narthex.nix.NarInfo} and
 * {@link dev.narthex.nix.NarReader}. All parsed input is untrusted: invalid input throws a
 * {@link dev.narthex.problem.ProblemException}, and memory is bounded by named limits, never by a length in the input. Uses no
 * framework and no other package of this project than {@code problem} and {@code limits}.
 */
@NullMarked
package dev.narthex.nix;

import org.jspecify.annotations.NullMarked;
