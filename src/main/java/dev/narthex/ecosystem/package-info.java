/**
 * Parts that several registries need and that belong to none: hostile archives read as streams ({@link
 * dev.narthex.ecosystem.TarReader}, {@link dev.narthex.ecosystem.ZipReader}), trees as archives can hold them ({@link
 * dev.narthex.ecosystem.Tree}), packed the same on every machine ({@link dev.narthex.ecosystem.Deflated}), keys that sort like versions ({@link dev.narthex.ecosystem.OrderedKey}), words for a shell,
 * content negotiation, prepared answers, locks ({@link dev.narthex.ecosystem.LockLines}). Made for plugins outside of this repository too, so what is public here is kept.
 * Knows no registry; a registry lives in a package of its own below, imports this one and {@code spi}, and nothing imports
 * it.
 */
@NullMarked
package dev.narthex.ecosystem;

import org.jspecify.annotations.NullMarked;
