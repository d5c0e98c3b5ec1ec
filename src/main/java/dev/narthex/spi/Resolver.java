package dev.narthex.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Of an ecosystem whose clients fetch with a release what it declares, and choose versions by a rule of their own. An
 * ability of an {@link Ecosystem}; pure: what is chosen follows from what is offered.
 */
public interface Resolver {
    /** Kinds of dependencies that come along, see {@link Dependency#kind}. */
    Set<String> followed();

    /** What a client chooses of one package; empty if nothing fits, or what is asked for is nothing of a registry. */
    Optional<Offers.Version> choose(Dependency asked, List<Offers.Version> of);

    /**
     * What a client with nothing yet fetches beside a release.
     *
     * @param offers all that the followed dependencies of this release reach
     */
    Resolution resolve(ReleaseView release, Offers offers);

    /**
     * Bytes of a release's files as they lie on the disk of who installs it; empty if nobody counted them.
     *
     * @param notes see {@link Facts#notes}
     */
    OptionalLong unpackedSize(Map<String, String> notes);
}
