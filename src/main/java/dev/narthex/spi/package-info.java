/**
 * What an ecosystem sees and implements. {@link dev.narthex.spi.Ecosystem} is the plugin, with abilities that some have beside
 * it ({@link dev.narthex.spi.Transcoder}, {@link dev.narthex.spi.LockReader}, {@link dev.narthex.spi.Resolver},
 * {@link dev.narthex.spi.InstallCode});
 * {@link dev.narthex.spi.Registries}
 * is its only door to the rest: it asks for the right first and then hands out a {@link dev.narthex.spi.Registry} bound to
 * one cache. Interfaces between packages that may not know each other stand here too: {@link dev.narthex.spi.Caches},
 * {@link dev.narthex.spi.Contents}, {@link dev.narthex.spi.Jobs}, {@link dev.narthex.spi.Keys}. No framework types.
 * {@link dev.narthex.spi.Accounts} and {@link dev.narthex.spi.Memberships} tell who asks and who is what.
 *
 * <p>A plugin may import this package, {@code nix}, {@code problem}, {@code content} and the shared parts that lie directly in
 * {@code ecosystem}; nothing else of Narthex, and no other plugin.
 */
@NullMarked
package dev.narthex.spi;

import org.jspecify.annotations.NullMarked;
