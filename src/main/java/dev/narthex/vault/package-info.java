/**
 * Imports other binary caches, and finds store paths for lockfiles of other registries. {@link dev.narthex.vault.ImportEndpoint}
 * accepts an import, {@link dev.narthex.vault.Importing} runs it as a job, path by path ({@link dev.narthex.vault.PathImport}),
 * through the same intake as a push. This is the only package with requests to arbitrary servers
 * ({@link dev.narthex.vault.Source}), so it must guard against private addresses. {@link dev.narthex.vault.LocksEndpoint} makes no
 * requests: it computes store paths from the hashes in a lockfile, whose format only its ecosystem knows
 * ({@link dev.narthex.spi.LockReader}). Does not depend on any protocol adapter.
 */
@NullMarked
package dev.narthex.vault;

import org.jspecify.annotations.NullMarked;
