package dev.narthex.publish;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import java.util.List;

/**
 * One version of a package, which need not be there.
 *
 * @param normalised name of the package
 */
record OneRelease(Cache cache, Ecosystem ecosystem, String normalised, String version) {
    /**
     * For whoever may maintain that.
     *
     * @param ecosystems those that are installed
     * @param name in any spelling
     * @throws ProblemException Unauthorized, Forbidden, NotFound
     */
    static OneRelease require(
            Access access, List<Ecosystem> ecosystems, String cache, String ecosystem, String name, String version) {
        var found = Ecosystem.named(ecosystems, ecosystem);
        var normalised = found.map(each -> each.normalise(name)).orElse(name);
        var allowed = access.require(Action.MAINTAIN, cache, ecosystem, normalised);
        return new OneRelease(
                allowed,
                found.orElseThrow(() -> new Problem.NotFound("registry", ecosystem).asException()),
                normalised,
                version);
    }

    ProblemException absent() {
        return new Problem.NotFound("version", normalised + " " + version).asException();
    }

    /** As in the audit and in sentences. */
    @Override
    public String toString() {
        return ecosystem.id() + " " + normalised + "@" + version;
    }
}
