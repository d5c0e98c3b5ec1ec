/**
 * npm: tarballs as packages ({@link dev.narthex.ecosystem.npm.NpmEcosystem}), and the registry that npm, pnpm, yarn and bun
 * read ({@link dev.narthex.ecosystem.npm.NpmEndpoint}). Only tarballs kept as they were made are offered.
 */
@NullMarked
package dev.narthex.ecosystem.npm;

import org.jspecify.annotations.NullMarked;
