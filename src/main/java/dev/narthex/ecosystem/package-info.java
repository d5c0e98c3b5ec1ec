/**
 * Classes that several registries share: streaming readers for hostile archives ({@link dev.narthex.ecosystem.TarReader},
 * {@link dev.narthex.ecosystem.ZipReader}), trees in a form that archives can hold ({@link dev.narthex.ecosystem.Tree}),
 * reproducible compression ({@link dev.narthex.ecosystem.Deflated}), keys that sort like versions
 * ({@link dev.narthex.ecosystem.OrderedKey}), shell quoting, content negotiation, HTTP responses and lockfiles
 * ({@link dev.narthex.ecosystem.LockLines}). Plugins outside of this repository use them too, so public API here stays
 * compatible. This package depends on no registry. Each registry has its own subpackage, which imports this package and
 * {@code spi}, and is imported by no other.
 */
@NullMarked
package dev.narthex.ecosystem;

import org.jspecify.annotations.NullMarked;
