package dev.narthex.web.admin;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.admin.AdminPeople;
import dev.narthex.problem.Problem;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Lists everyone who has signed in, with their roles, and revokes a person's tokens. Roles are set on the settings page of each
 * cache.
 */
@Path("/admin/people")
@BrowserEndpoint
@RunOnVirtualThread
class AdminPeopleEndpoint {
    private static final Set<String> ACTS = Set.of("revoke");

    private final AdminPages pages;
    private final AdminPeople people;

    AdminPeopleEndpoint(AdminPages pages, AdminPeople adminPeople) {
        this.pages = pages;
        this.people = adminPeople;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        return pages.show(request, ACTS, content(PageRequest.page(request).text("q"), AdminPages.after(request)));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(HttpServerRequest request, MultivaluedMap<String, String> form) {
        var person = SignedInPages.text(form, "person");
        return pages.perform(request, form, ACTS, content("", 0), _ -> people.revokeTokens(id(person)));
    }

    private static long id(String person) {
        if (!person.matches("\\d{1,18}")) {
            throw Problem.notFound("person", person);
        }
        return Long.parseLong(person);
    }

    private AdminPages.Content content(String text, int after) {
        return (frame, outcome, key) -> Templates.adminPeople(frame, text, people.list(text, after), outcome, key);
    }
}
