package dev.narthex.web;

import dev.narthex.access.ForPeople;
import dev.narthex.access.FormKeys;
import dev.narthex.tenant.Tenants;
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
@ForPeople
@RunOnVirtualThread
class MeEndpoint {
    private static final String ACT = "make cache";

    private final Tenants tenants;
    private final OwnPages pages;
    private final FormKeys keys;
    private final MeViews views;

    MeEndpoint(Tenants tenants, OwnPages pages, FormKeys keys, MeViews views) {
        this.tenants = tenants;
        this.pages = pages;
        this.keys = keys;
        this.views = views;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        return pages.show(
                request,
                (frame, person) -> Templates.me(frame, views.of(person), keys.of(ACT), keys.of(LogoutEndpoint.ACT)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(MultivaluedMap<String, String> form) {
        keys.require(ACT, form.getFirst("key"));
        boolean open = form.containsKey("public");
        var cache = tenants.create(OwnPages.text(form, "name"), Optional.empty(), usual -> usual.withOpen(open));
        return Answers.seeOther(Urls.cache(cache.name()));
    }
}
