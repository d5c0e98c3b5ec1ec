/**
 * The cargo ecosystem: Rust crates, as a plugin in a separate jar. {@link dev.narthex.plugin.cargo.CargoEcosystem} recognizes
 * crates, {@link dev.narthex.plugin.cargo.CargoEndpoint} serves the sparse index, files and search (the Cargo Book, "Registry
 * Index" and "Web API"). Like every plugin, it uses only {@code spi}, {@code nix}, {@code problem}, {@code content} and the
 * shared classes in {@code ecosystem}.
 */
@NullMarked
package dev.narthex.plugin.cargo;

import org.jspecify.annotations.NullMarked;
