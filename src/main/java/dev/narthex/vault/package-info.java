/**
 * What comes from elsewhere: the import of another binary cache, and locks that name files of other registries. An
 * {@link dev.narthex.vault.ImportEndpoint} takes the order, {@link dev.narthex.vault.Importing} works it off as a job, path by
 * path ({@link dev.narthex.vault.PathImport}), through the same intake as a push. The only package that asks other servers
 * ({@link dev.narthex.vault.Source}), and so the one that must not be led into private networks.
 * {@link dev.narthex.vault.LocksEndpoint} asks nobody: it computes store paths from the hashes of a lock, whose format only
 * its ecosystem knows ({@link dev.narthex.spi.LockReader}). Knows no face.
 */
@NullMarked
package dev.narthex.vault;

import org.jspecify.annotations.NullMarked;
