/**
 * Imports other binary caches, and finds store paths for lockfiles of other registries. {@link dev.narthex.api.ImportEndpoint}
 * accepts an import, {@link dev.narthex.vault.imports.ImportJob} runs it as a job, path by path ({@link
 * dev.narthex.vault.imports.PathImport}),
 * through the same intake as a push. This is the only package with requests to arbitrary servers
 * ({@link dev.narthex.vault.imports.RemoteCache}), so it must guard against private addresses. {@link
 * dev.narthex.api.LocksEndpoint} makes no
 * requests: it computes store paths from the hashes in a lockfile, whose format only its ecosystem knows
 * ({@link dev.narthex.spi.LockfileReader}). Does not depend on any protocol adapter.
 */
@NullMarked
package dev.narthex.vault;

import org.jspecify.annotations.NullMarked;
