/**
 * Rust crates, as a plugin in a jar of its own. {@link dev.narthex.plugin.cargo.CargoEcosystem} says which paths are crates,
 * {@link dev.narthex.plugin.cargo.CargoEndpoint} is what cargo reads: the sparse index, files, search (the Cargo Book,
 * "Registry Index" and "Web API"). Of Narthex it sees what plugins may: {@code spi}, {@code nix}, {@code problem}, {@code
 * content} and the shared parts in {@code ecosystem}.
 */
@NullMarked
package dev.narthex.plugin.cargo;

import org.jspecify.annotations.NullMarked;
