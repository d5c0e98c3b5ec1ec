/**
 * The npm ecosystem: recognition and transcoding of tarballs ({@link dev.narthex.ecosystem.npm.NpmEcosystem}) and the registry
 * for npm, pnpm, yarn and bun ({@link dev.narthex.ecosystem.npm.NpmEndpoint}). Tarballs are stored unmodified, or built from a
 * tree ({@link dev.narthex.ecosystem.npm.NpmPack}).
 */
@NullMarked
package dev.narthex.ecosystem.npm;

import org.jspecify.annotations.NullMarked;
