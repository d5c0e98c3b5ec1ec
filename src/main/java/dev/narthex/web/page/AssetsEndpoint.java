package dev.narthex.web.page;

import dev.narthex.http.ContentResponse;
import dev.narthex.problem.Problem;
import dev.narthex.web.page.Assets.Asset;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Serves static files from memory. */
@Path("/assets")
class AssetsEndpoint {
    private final Assets assets;

    AssetsEndpoint(Assets assets) {
        this.assets = assets;
    }

    @GET
    @Path("{file}")
    @RunOnVirtualThread
    public RestResponse<Object> get(@RestPath String file, HttpServerRequest request) {
        var asset = assets.find(file).orElseThrow(() -> Problem.notFound("file", file));
        var pageRequest = PageRequest.page(request);
        boolean named = asset.namedByVersion() || asset.mark().equals(pageRequest.text("v"));
        var kept = named ? "public, max-age=31536000, immutable" : "no-cache";
        return send(asset, pageRequest, kept);
    }

    static RestResponse<Object> send(Asset asset, PageRequest request, String cacheControl) {
        var etag = "\"" + asset.mark() + "\"";
        boolean unchanged = ContentResponse.etagMatches(request.header("If-None-Match"), etag);
        var answer = ResponseBuilder.<Object>create(unchanged ? 304 : 200)
                .header("ETag", "W/" + etag)
                .header("Cache-Control", cacheControl)
                .header("X-Content-Type-Options", "nosniff")
                .header("Vary", "Accept-Encoding");
        if (unchanged) {
            return answer.build();
        }
        answer.header("Content-Type", asset.type());
        if (asset.gzip().isPresent() && PageResponses.gzip(request)) {
            return answer.header("Content-Encoding", "gzip")
                    .entity(asset.gzip().get())
                    .build();
        }
        return answer.entity(asset.bytes()).build();
    }
}
