package dev.narthex.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Resolves dependencies as the ecosystem's clients would. An optional ability of an {@link Ecosystem} whose clients install
 * declared dependencies and choose their versions by a rule. Pure: the result depends only on the arguments.
 */
public interface Resolver {
    /** Kinds of dependencies that clients install too; see {@link Dependency#kind}. */
    Set<String> installedKinds();

    /** Chooses a version as a client would; empty if none matches or the dependency does not come from a registry. */
    Optional<AvailableVersions.Version> choose(Dependency dependency, List<AvailableVersions.Version> versions);

    /**
     * Resolves what a client without any installed packages installs with a release.
     *
     * @param available versions of all packages that are reachable from this release through the followed dependencies
     */
    Resolution resolve(ReleaseInfo release, AvailableVersions available);

    /**
     * Returns the unpacked size of a release's files in bytes; empty if it is unknown.
     *
     * @param notes see {@link Facts#notes}
     */
    OptionalLong unpackedSize(Map<String, String> notes);
}
