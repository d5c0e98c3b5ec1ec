package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.DocsPage;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.SetupPanelRenderer;
import dev.narthex.web.page.Templates;
import dev.narthex.web.view.ClientSetup;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Serves the documentation on pushing and installing: a general page, and one for each ecosystem that provides one. The examples
 * use the cache in {@code ?cache=}, so that they can be pasted unchanged; without the parameter, the public cache with the most
 * packages.
 */
@Path("/docs")
@BrowserEndpoint
@RunOnVirtualThread
class DocsEndpoint {
    private static final int LISTED = 20;

    private final Access access;
    private final HomeAndCachePages pages;
    private final SetupPanelRenderer panels;
    private final PageLayoutBuilder layouts;

    DocsEndpoint(Access access, HomeAndCachePages pages, SetupPanelRenderer panels, PageLayoutBuilder layouts) {
        this.access = access;
        this.pages = pages;
        this.panels = panels;
        this.layouts = layouts;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var pageRequest = PageRequest.page(request);
        var visible = access.visible();
        var docs = docs(pageRequest, visible, "");
        return respond(
                pageRequest, Templates.docs(layouts.of(pageRequest, ""), docs).render());
    }

    @GET
    @Path("{ecosystem}")
    public RestResponse<Object> ofEcosystem(@RestPath String ecosystem, HttpServerRequest request) {
        var pageRequest = PageRequest.page(request);
        var visible = access.visible();
        var docs = docs(pageRequest, visible, ecosystem);
        var page = panels.docs(ecosystem, docs.setup()).orElseThrow(() -> Problem.notFound("page", pageRequest.path()));
        return respond(
                pageRequest,
                Templates.docsOf(layouts.of(pageRequest, ""), docs, page).render());
    }

    private DocsPage docs(PageRequest request, List<Cache> visible, String at) {
        var chosen = request.text("cache");
        ClientSetup setup = chosen.isEmpty()
                ? pages.defaultClientSetup(visible)
                : pages.clientSetup(access.require(Action.READ, chosen));
        var others = visible.stream()
                .map(Cache::name)
                .filter(name -> !name.equals(setup.cache()))
                .limit(LISTED)
                .toList();
        return new DocsPage(at, setup, !chosen.isEmpty(), others, panels.documentedEcosystems());
    }

    private static RestResponse<Object> respond(PageRequest request, String body) {
        return PageResponses.body(request, body, PageResponses.HTML, 200)
                .header("Cache-Control", "no-cache")
                .build();
    }
}
