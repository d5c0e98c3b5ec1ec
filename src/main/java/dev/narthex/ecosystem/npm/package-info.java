/**
 * npm: tarballs as packages ({@link dev.narthex.ecosystem.npm.NpmEcosystem}), and the registry that npm, pnpm, yarn and bun
 * read ({@link dev.narthex.ecosystem.npm.NpmEndpoint}). Tarballs are kept
 * as they were made, or made of a tree ({@link dev.narthex.ecosystem.npm.PackedTree}).
 */
@NullMarked
package dev.narthex.ecosystem.npm;

import org.jspecify.annotations.NullMarked;
