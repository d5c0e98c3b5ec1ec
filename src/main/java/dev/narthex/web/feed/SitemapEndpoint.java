package dev.narthex.web.feed;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.ReleaseHistory.ListPosition;
import dev.narthex.http.ContentResponse;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.BuildVersion;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves sitemaps for search engines: an index and, with {@code ?cache=}, a part of it. The response does not depend on the user.
 */
@Path("/sitemap.xml")
@RunOnVirtualThread
class SitemapEndpoint {
    private static final String TYPE = "application/xml; charset=utf-8";
    private static final Map<String, String> KEPT = Map.of("Cache-Control", "no-cache", "Vary", "Accept-Encoding");

    private final Sitemap sitemap;
    private final CacheCatalog caches;
    private final ChangeLog changes;

    SitemapEndpoint(Sitemap sitemap, CacheCatalog caches, ChangeLog changes) {
        this.sitemap = sitemap;
        this.caches = caches;
        this.changes = changes;
    }

    @FunctionalInterface
    private interface Part {
        void write(Writer out) throws IOException;
    }

    /**
     * @param cache name of a public cache
     * @param after ecosystem and normalized name of a package, separated by a slash
     */
    @GET
    @APIResponse(
            responseCode = "200",
            description = "An index, or a part of it (sitemaps.org)",
            content = @Content(mediaType = "application/xml"))
    public RestResponse<Object> get(
            HttpServerRequest request, @RestQuery Optional<String> cache, @RestQuery Optional<String> after) {
        var found = cache.map(this::open);
        var position = after.map(SitemapEndpoint::place);
        var etag = "\"" + changes.revision() + "-" + BuildVersion.MARK + "\"";
        var pageRequest = PageRequest.page(request);
        if (ContentResponse.etagMatches(pageRequest.header("If-None-Match"), etag)) {
            return ContentResponse.notModified("W/" + etag, KEPT);
        }
        return respond(
                pageRequest,
                "W/" + etag,
                found.<Part>map(one -> out -> sitemap.part(out, one, position)).orElse(sitemap::index));
    }

    /** Returns the cache. Private caches are reported as missing, even to their owners. */
    private Cache open(String name) {
        return caches.find(name).filter(Cache::open).orElseThrow(() -> Problem.notFound("cache", name));
    }

    private static ListPosition place(String text) {
        var parts = text.split("/", 2);
        if (parts.length < 2) {
            throw Problem.malformed("after", text, "use an ecosystem and a package, as in the index.");
        }
        return new ListPosition(parts[0], parts[1]);
    }

    private static RestResponse<Object> respond(PageRequest request, String etag, Part part) {
        boolean gzip = PageResponses.gzip(request);
        var answer = RestResponse.ResponseBuilder.<Object>ok()
                .header("Content-Type", TYPE)
                .header("ETag", etag);
        KEPT.forEach(answer::header);
        if (gzip) {
            answer.header("Content-Encoding", "gzip");
        }
        return request.http().method().equals(HttpMethod.HEAD)
                ? answer.build()
                : answer.entity((StreamingOutput) out -> write(out, gzip, part)).build();
    }

    private static void write(OutputStream to, boolean gzip, Part part) throws IOException {
        var packed = gzip ? new GZIPOutputStream(to) : to;
        var out = new BufferedWriter(new OutputStreamWriter(packed, StandardCharsets.UTF_8));
        part.write(out);
        out.flush();
        if (packed instanceof GZIPOutputStream zip) {
            zip.finish();
        }
    }
}
