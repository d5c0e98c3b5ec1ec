package dev.narthex.publish.registry;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import java.util.List;

/**
 * Identifies a version of a package in a cache. The version need not exist.
 *
 * @param normalizedName normalized package name
 */
record ReleaseRef(Cache cache, Ecosystem ecosystem, String normalizedName, String version) {
    /**
     * Resolves a release that the request's principal may maintain.
     *
     * @param ecosystems installed ecosystems
     * @param name package name in any spelling
     * @throws ProblemException Unauthorized, Forbidden, NotFound
     */
    static ReleaseRef require(
            Access access, List<Ecosystem> ecosystems, String cache, String ecosystem, String name, String version) {
        var match = Ecosystem.byId(ecosystems, ecosystem);
        var normalizedName = match.map(registry -> registry.normalize(name)).orElse(name);
        var authorizedCache = access.require(Action.MAINTAIN, cache, ecosystem, normalizedName);
        return new ReleaseRef(
                authorizedCache,
                match.orElseThrow(() -> Problem.notFound("registry", ecosystem)),
                normalizedName,
                version);
    }

    ProblemException notFound() {
        return Problem.notFound("version", normalizedName + " " + version);
    }

    /** Returns the text for the audit log and for messages. */
    @Override
    public String toString() {
        return ecosystem.id() + " " + normalizedName + "@" + version;
    }
}
