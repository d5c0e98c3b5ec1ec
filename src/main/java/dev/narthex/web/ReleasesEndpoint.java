package dev.narthex.web;

import dev.narthex.access.JsonBody;
import dev.narthex.problem.Problem;
import dev.narthex.publish.Proposals;
import dev.narthex.publish.Proposals.Proposal;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Optional;

/**
 * What programs decide about releases that are only proposed. A release is named as its page is:
 * {@code npm/@scope/name@1.0.0}, read from the raw path.
 */
@Path("/_api/v1/{cache}/releases")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class ReleasesEndpoint {
    private static final String API = "/_api/v1/";
    private static final String RELEASES = "/releases/";

    private final Proposals proposals;

    ReleasesEndpoint(Proposals proposals) {
        this.proposals = proposals;
    }

    /** @param path hash part of a store path of the build that is meant */
    record Wanted(Optional<String> path) {}

    /** @param changed false if it was so before */
    record Promoted(String release, boolean changed) {}

    /**
     * @param paths hash parts of the store paths that were declined now
     * @param changed false if all was so before
     * @param gone whether nothing else is left of the release
     */
    record Declined(String release, List<String> paths, boolean changed, boolean gone) {}

    @POST
    @Path("{release:.+}/promote")
    @Consumes(MediaType.WILDCARD)
    public Promoted promote(HttpServerRequest request, InputStream body) throws IOException {
        var proposal = proposal(request);
        return new Promoted(proposal.toString(), proposal.promote(path(body)));
    }

    @POST
    @Path("{release:.+}/decline")
    @Consumes(MediaType.WILDCARD)
    public Declined decline(HttpServerRequest request, InputStream body) throws IOException {
        var proposal = proposal(request);
        var declined = proposal.decline(path(body).stream().toList());
        return new Declined(
                proposal.toString(), declined.paths(), !declined.paths().isEmpty(), declined.gone());
    }

    private Proposal proposal(HttpServerRequest request) {
        var rest = request.path().substring(API.length());
        var page = "/" + rest.substring(0, rest.lastIndexOf('/')).replaceFirst(RELEASES, "/");
        return PageAddress.parse(page)
                .flatMap(PageAddress::release)
                .map(one -> proposals.require(
                        one.cache(), one.ecosystem(), one.name(), one.version().orElseThrow()))
                .orElseThrow(() -> new Problem.NotFound("release", rest).asException());
    }

    /** Nothing need be sent. */
    private static Optional<String> path(InputStream body) throws IOException {
        var peeked = new PushbackInputStream(body);
        int first = peeked.read();
        if (first < 0) {
            return Optional.empty();
        }
        peeked.unread(first);
        return JsonBody.read(peeked, Wanted.class).path();
    }
}
