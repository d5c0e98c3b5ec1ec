/**
 * The interfaces that an ecosystem uses and implements. {@link dev.narthex.spi.Ecosystem} is the plugin; optional abilities are
 * further interfaces ({@link dev.narthex.spi.Transcoder}, {@link dev.narthex.spi.LockfileReader}, {@link dev.narthex.spi.Resolver},
 * {@link dev.narthex.spi.InstallScripts}). {@link dev.narthex.spi.Registries} is a plugin's only access to the rest: it checks
 * permissions and then returns a {@link dev.narthex.spi.Registry} bound to one cache. {@link dev.narthex.spi.Accounts} and
 * {@link dev.narthex.spi.Memberships} identify the caller and the members of a cache. The package also holds interfaces between
 * core packages that must not depend on each other: {@link dev.narthex.spi.Caches}, {@link dev.narthex.spi.PathNames},
 * {@link dev.narthex.spi.Jobs}, {@link dev.narthex.spi.SecretWrapper}. No framework types.
 *
 * <p>A plugin may import this package, {@code nix}, {@code problem}, {@code content} and the shared classes directly in
 * {@code ecosystem}; no other package of Narthex and no other plugin.
 */
@NullMarked
package dev.narthex.spi;

import org.jspecify.annotations.NullMarked;
