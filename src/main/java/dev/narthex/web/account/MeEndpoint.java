package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.CsrfTokens;
import dev.narthex.admin.CacheAdministration;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.page.Templates;
import dev.narthex.web.view.Urls;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/** The start page of a signed-in user: the user's caches and roles, and a form to create a cache. */
@Path("/me")
@BrowserEndpoint
@RunOnVirtualThread
class MeEndpoint {
    private static final String ACT = "make cache";

    private final CacheAdministration cacheAdministration;
    private final SignedInPages pages;
    private final CsrfTokens csrfTokens;
    private final AccountPageBuilder accountPage;

    MeEndpoint(
            CacheAdministration cacheAdministration,
            SignedInPages pages,
            CsrfTokens csrfTokens,
            AccountPageBuilder accountPage) {
        this.cacheAdministration = cacheAdministration;
        this.pages = pages;
        this.csrfTokens = csrfTokens;
        this.accountPage = accountPage;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        return pages.show(
                request,
                (frame, person) -> Templates.me(
                        frame, accountPage.of(person), csrfTokens.of(ACT), csrfTokens.of(LogoutEndpoint.ACT)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(MultivaluedMap<String, String> form) {
        csrfTokens.require(ACT, form.getFirst("key"));
        boolean open = form.containsKey("public");
        var cache = cacheAdministration.create(
                SignedInPages.text(form, "name"), Optional.empty(), usual -> usual.withOpen(open));
        return PageResponses.seeOther(Urls.cache(cache.name()));
    }
}
