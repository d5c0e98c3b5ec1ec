package dev.narthex.web.admin;

import dev.narthex.access.Access;
import dev.narthex.access.CsrfTokens;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.web.page.FormErrors;
import dev.narthex.web.page.PageLayout;
import dev.narthex.web.page.PageLayouts;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.view.FormOutcome;
import io.quarkus.qute.TemplateInstance;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** Shared logic of the admin pages: access check, CSRF token, and the outcome of forms. To non-admins, the pages do not exist. */
@ApplicationScoped
class AdminPages {
    static final int LAST = 100_000_000;

    private final Access access;
    private final CsrfTokens keys;
    private final PageLayouts frames;

    AdminPages(Access access, CsrfTokens keys, PageLayouts frames) {
        this.access = access;
        this.keys = keys;
        this.frames = frames;
    }

    /** Renders an admin page. */
    @FunctionalInterface
    interface Content {
        /** @param key CSRF token for the page's forms */
        TemplateInstance of(PageLayout frame, FormOutcome told, String key);
    }

    /** Performs the action of a form. Throws a {@link ProblemException} if the input is invalid. */
    @FunctionalInterface
    interface Perform {
        void act(String act);
    }

    /** @param acts actions of the page's forms; the query parameter {@code done} may name the action that was just performed */
    RestResponse<Object> show(HttpServerRequest request, Set<String> acts, Content content) {
        access.requireVisibleAdmin();
        var asked = PageRequest.page(request);
        var done = asked.text("done");
        return page(asked, acts.contains(done) ? FormOutcome.done(done) : FormOutcome.NOTHING, content, 200);
    }

    /** Performs a form's action. Redirects to the page on success; shows the page with the error otherwise. */
    RestResponse<Object> perform(
            HttpServerRequest request,
            MultivaluedMap<String, String> form,
            Set<String> acts,
            Content content,
            Perform perform) {
        access.requireVisibleAdmin();
        var asked = PageRequest.page(request);
        keys.require(asked.path(), form.getFirst("key"));
        var act = SignedInPages.text(form, "act");
        if (!acts.contains(act)) {
            throw new Problem.Malformed("act", act, "unknown form.").toException();
        }
        try {
            perform.act(act);
        } catch (ProblemException e) {
            return page(
                    asked, FormErrors.told(act, form, e), content, e.problem().status());
        }
        return PageResponses.seeOther(asked.path() + "?done=" + act);
    }

    private RestResponse<Object> page(PageRequest asked, FormOutcome told, Content content, int status) {
        var body =
                content.of(frames.withTwin(asked), told, keys.of(asked.path())).render();
        return PageResponses.uncached(asked, body, status);
    }

    /** Returns the number of rows to skip; 0 if the parameter is missing or invalid. */
    static int after(HttpServerRequest request) {
        var given = PageRequest.page(request).text("after");
        return given.matches("\\d{1,9}") ? Math.min(LAST, Integer.parseInt(given)) : 0;
    }
}
