/**
 * Classes that several registries share: streaming readers for hostile archives ({@link dev.narthex.archive.TarReader},
 * {@link dev.narthex.archive.ZipReader}), trees in a form that archives can hold ({@link dev.narthex.archive.PortableTree}),
 * reproducible compression ({@link dev.narthex.archive.DeterministicDeflateStream}), keys that sort like versions
 * ({@link dev.narthex.ecosystem.SortKeyBuilder}), shell quoting, content negotiation, HTTP responses and lockfiles
 * ({@link dev.narthex.ecosystem.LockfileLineReader}). Plugins outside of this repository use them too, so public API here stays
 * compatible. This package depends on no registry. Each registry has its own subpackage, which imports this package and
 * {@code spi}, and is imported by no other.
 */
@NullMarked
package dev.narthex.ecosystem;

import org.jspecify.annotations.NullMarked;
