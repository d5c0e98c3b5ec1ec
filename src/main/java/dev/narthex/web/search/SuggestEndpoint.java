package dev.narthex.web.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.Access;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.catalog.release.Packages;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.Hit;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Completes package names while the user types (OpenSearch Suggestions 1.1). The response has the text, names, summaries and URLs.
 */
@Path("/suggest")
@BrowserEndpoint
@RunOnVirtualThread
class SuggestEndpoint {
    private static final int MAX_SUGGESTIONS = 8;

    private final Access access;
    private final PackageSearchIndex index;
    private final Packages packages;
    private final ViewMapper mapper;
    private final ObjectMapper json;
    private final String baseUrl;

    SuggestEndpoint(
            Access access,
            PackageSearchIndex index,
            Packages packages,
            ViewMapper mapper,
            ObjectMapper json,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.index = index;
        this.packages = packages;
        this.mapper = mapper;
        this.json = json;
        this.baseUrl = baseUrl;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) throws JsonProcessingException {
        var pageRequest = PageRequest.page(request);
        var text = pageRequest.text("q");
        var caches = caches(pageRequest.text("cache"));
        var hits = text.isEmpty() || caches.isEmpty() ? List.<Hit>of() : hits(text, caches);
        var body = json.writeValueAsString(List.of(
                text,
                hits.stream().map(Hit::name).toList(),
                hits.stream().map(Hit::summary).toList(),
                hits.stream().map(hit -> baseUrl + hit.url()).toList()));
        return PageResponses.body(pageRequest, body, "application/x-suggestions+json", 200)
                .header("Cache-Control", "private, max-age=60")
                .build();
    }

    private List<Cache> caches(String only) {
        return access.visible().stream()
                .filter(cache -> only.isEmpty() || cache.name().equals(only))
                .toList();
    }

    private List<Hit> hits(String text, List<Cache> caches) {
        var ids = caches.stream().map(Cache::id).toList();
        return index.suggest(text, ids)
                .map(hits ->
                        hits.stream().map(match -> mapper.toHit(match, caches)).toList())
                .orElseGet(() -> mapper.hits(packages.search(ids, Optional.empty(), text, 1, MAX_SUGGESTIONS)
                        .items()));
    }
}
