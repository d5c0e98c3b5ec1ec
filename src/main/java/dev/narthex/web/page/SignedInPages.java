package dev.narthex.web.page;

import dev.narthex.access.Principal;
import dev.narthex.access.SignIn;
import dev.narthex.problem.Problem;
import dev.narthex.web.view.Urls;
import io.quarkus.qute.TemplateInstance;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jboss.resteasy.reactive.RestResponse;

/** Renders pages of the signed-in user. Other visitors are redirected to the sign-in page. */
@ApplicationScoped
public class SignedInPages {
    private final SignIn signIn;
    private final PageLayoutBuilder layouts;

    SignedInPages(SignIn signIn, PageLayoutBuilder layouts) {
        this.signIn = signIn;
        this.layouts = layouts;
    }

    /** Returns a form field; empty if it was not sent. */
    public static String text(MultivaluedMap<String, String> form, String field) {
        return Objects.requireNonNullElse(form.getFirst(field), "");
    }

    /**
     * Returns the signed-in user, for the JSON twin of a user's page.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if no identity provider is configured, Unauthorized if the client has
     *     not signed in
     */
    public Principal.Person require(PageRequest request) {
        return reader(request)
                .orElseThrow(() -> Problem.unauthorized(
                        "This page is for signed-in browsers. Programs use the API below /_api/v1 with a token."));
    }

    private Optional<Principal.Person> reader(PageRequest request) {
        if (signIn.provider().isEmpty()) {
            throw Problem.notFound("page", request.path());
        }
        return signIn.person();
    }

    /**
     * Renders a page, or redirects to the sign-in page.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if no identity provider is configured
     */
    public RestResponse<Object> show(
            HttpServerRequest request, BiFunction<PageLayout, Principal.Person, TemplateInstance> page) {
        var pageRequest = PageRequest.page(request);
        return reader(pageRequest)
                .map(person -> PageResponses.uncached(
                        pageRequest,
                        page.apply(layouts.withTwin(pageRequest), person).render()))
                .orElseGet(() -> PageResponses.seeOther("/login?to=" + Urls.query(pageRequest.pathAndQuery())));
    }
}
