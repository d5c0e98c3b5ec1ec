package dev.narthex.api;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.problem.Problem;
import dev.narthex.retention.PathPurge;
import dev.narthex.retention.PathPurge.PurgeScope;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST API for store paths, for the maintainers of a cache. */
@Path("/_api/v1/{cache}/path")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class PathsEndpoint {
    private static final int MAX_REASON_LENGTH = 1000;

    private final Access access;
    private final PathPurge purging;

    PathsEndpoint(Access access, PathPurge purging) {
        this.access = access;
        this.purging = purging;
    }

    /**
     * Purges a path immediately, with its bytes: for a leaked secret. Answers 409 while the path has referrers, releases or pins
     * that {@code with} does not name.
     *
     * @param with what may be deleted together with the path: comma-separated {@code referrers}, {@code releases}, {@code pins}
     * @param reason one line, shown to clients that request a release deleted by this call
     */
    @DELETE
    @Path("{hash:[0-9a-df-np-sv-z]{32}}")
    public PathPurge.PurgeResult purge(
            @RestPath String cache,
            @RestPath String hash,
            @RestQuery @DefaultValue("") String with,
            @RestQuery @DefaultValue("") String reason) {
        access.require(Action.MAINTAIN, cache);
        var why = reason.strip();
        if (why.length() > MAX_REASON_LENGTH || why.chars().anyMatch(Character::isISOControl)) {
            throw Problem.malformed("reason", why, "use one line of at most " + MAX_REASON_LENGTH + " characters.");
        }
        return purging.purge(cache, hash, scopes(with), why);
    }

    private static Set<PurgeScope> scopes(String with) {
        var scopes = EnumSet.noneOf(PurgeScope.class);
        for (var word : with.split(",")) {
            if (!word.isBlank()) {
                scopes.add(Stream.of(PurgeScope.values())
                        .filter(scope -> scope.name().toLowerCase(Locale.ROOT).equals(word.strip()))
                        .findFirst()
                        .orElseThrow(
                                () -> Problem.malformed("with", word, "it can contain referrers, releases and pins.")));
            }
        }
        return scopes;
    }
}
