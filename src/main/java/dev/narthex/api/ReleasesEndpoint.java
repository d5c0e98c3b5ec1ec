package dev.narthex.api;

import dev.narthex.http.PercentEncoding;
import dev.narthex.problem.Problem;
import dev.narthex.publish.registry.ReleaseMaintenance;
import dev.narthex.publish.registry.ReleaseMaintenance.MaintainedRelease;
import dev.narthex.publish.registry.ReleaseName;
import dev.narthex.publish.registry.ReleaseReview;
import dev.narthex.publish.registry.ReleaseReview.Proposal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * The API to review proposed releases, and to withdraw, restore or delete released ones. A release is named as in its page's URL,
 * for example {@code npm/@scope/name@1.0.0}, and parsed from the raw path.
 */
@Path("/_api/v1/{cache}/releases")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class ReleasesEndpoint {
    private static final String API = "/_api/v1/";
    private static final String RELEASES = "/releases/";
    /** In place of an ecosystem in the URLs of store paths. */
    private static final String STORE_PATHS = "path";

    private final ReleaseReview review;
    private final ReleaseMaintenance maintenance;

    ReleasesEndpoint(ReleaseReview review, ReleaseMaintenance maintenance) {
        this.review = review;
        this.maintenance = maintenance;
    }

    /**
     * Request body of a promotion or rejection.
     *
     * @param path hash part of a store path of the build; may be left out
     */
    record PromotionRequest(Optional<String> path) {}

    /**
     * Request body of a withdrawal.
     *
     * @param reason may be left out if the ecosystem requires none
     */
    record WithdrawalRequest(Optional<String> reason) {}

    /** @param changed false if the release was already in this state */
    record ReleaseChangeResponse(String release, boolean changed) {}

    /**
     * @param paths hash parts of the store paths that this request declined
     * @param changed false if all of them had been declined before
     * @param gone whether nothing else is left of the release
     */
    record DeclineResponse(String release, List<String> paths, boolean changed, boolean gone) {}

    @POST
    @Path("{release:.+}/promote")
    @Consumes(MediaType.WILDCARD)
    public ReleaseChangeResponse promote(HttpServerRequest request, InputStream body) throws IOException {
        var proposal = proposal(request);
        return new ReleaseChangeResponse(
                proposal.toString(),
                proposal.promote(parseBody(body, PromotionRequest.class).flatMap(PromotionRequest::path)));
    }

    @POST
    @Path("{release:.+}/decline")
    @Consumes(MediaType.WILDCARD)
    public DeclineResponse decline(HttpServerRequest request, InputStream body) throws IOException {
        var proposal = proposal(request);
        var declined = proposal.decline(parseBody(body, PromotionRequest.class).flatMap(PromotionRequest::path).stream()
                .toList());
        return new DeclineResponse(
                proposal.toString(), declined.paths(), !declined.paths().isEmpty(), declined.gone());
    }

    /**
     * Withdraws a release without deleting it, or restores it, under the ecosystem's names for these actions: yank, unyank,
     * deprecate.
     */
    @POST
    @Path("{release:.+}/{act:[a-z]+}")
    @Consumes(MediaType.WILDCARD)
    public ReleaseChangeResponse withdraw(HttpServerRequest request, @RestPath String act, InputStream body)
            throws IOException {
        var served = requireRelease(request);
        var withdrawal = served.withdrawal();
        if (act.equals(withdrawal.undo())) {
            return new ReleaseChangeResponse(served.toString(), served.restore());
        }
        if (!act.equals(withdrawal.act())) {
            throw Problem.notFound("act", act);
        }
        var reason = parseBody(body, WithdrawalRequest.class)
                .flatMap(WithdrawalRequest::reason)
                .orElse("");
        return new ReleaseChangeResponse(served.toString(), served.withdraw(reason));
    }

    /**
     * Deletes a release permanently. Its file names can never be used for other bytes.
     *
     * @param reason shown to clients that request the release later
     */
    @DELETE
    @Path("{release:.+}")
    public ReleaseChangeResponse remove(HttpServerRequest request, @RestQuery @DefaultValue("") String reason) {
        var served = requireMaintainedRelease(address(request.path().substring(API.length())));
        served.remove(reason);
        return new ReleaseChangeResponse(served.toString(), true);
    }

    private Proposal proposal(HttpServerRequest request) {
        var release = address(pathWithoutAction(request));
        return review.require(release.cache(), release.ecosystem(), release.name(), release.version());
    }

    private MaintainedRelease requireRelease(HttpServerRequest request) {
        return requireMaintainedRelease(address(pathWithoutAction(request)));
    }

    private MaintainedRelease requireMaintainedRelease(ReleaseParams release) {
        return maintenance.require(release.cache(), release.ecosystem(), release.name(), release.version());
    }

    private static String pathWithoutAction(HttpServerRequest request) {
        var rest = request.path().substring(API.length());
        return rest.substring(0, rest.lastIndexOf('/'));
    }

    private record ReleaseParams(String cache, String ecosystem, String name, String version) {}

    private static ReleaseParams address(String release) {
        return PercentEncoding.decodeSegments("/" + release.replaceFirst(RELEASES, "/"))
                .filter(segments -> segments.size() > 2 && !segments.get(1).equals(STORE_PATHS))
                .flatMap(segments -> ReleaseName.parse(segments.subList(2, segments.size()))
                        .filter(name -> !name.version().isEmpty() && name.rest().isEmpty())
                        .map(name -> new ReleaseParams(segments.get(0), segments.get(1), name.name(), name.version())))
                .orElseThrow(() -> Problem.notFound("release", release));
    }

    /** Parses the request body, which may be empty. */
    private static <T> Optional<T> parseBody(InputStream body, Class<T> type) throws IOException {
        var peeked = new PushbackInputStream(body);
        int first = peeked.read();
        if (first < 0) {
            return Optional.empty();
        }
        peeked.unread(first);
        return Optional.of(JsonRequestBody.read(peeked, type));
    }
}
