package dev.narthex.web.admin;

import dev.narthex.access.Access;
import dev.narthex.access.CsrfTokens;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.web.page.FormErrors;
import dev.narthex.web.page.PageLayout;
import dev.narthex.web.page.PageLayoutBuilder;
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
    private final CsrfTokens csrfTokens;
    private final PageLayoutBuilder layouts;

    AdminPages(Access access, CsrfTokens csrfTokens, PageLayoutBuilder layouts) {
        this.access = access;
        this.csrfTokens = csrfTokens;
        this.layouts = layouts;
    }

    /** Renders an admin page. */
    @FunctionalInterface
    interface Content {
        /** @param key CSRF token for the page's forms */
        TemplateInstance of(PageLayout frame, FormOutcome outcome, String key);
    }

    /** Performs the action of a form. Throws a {@link ProblemException} if the input is invalid. */
    @FunctionalInterface
    interface FormAction {
        void act(String act);
    }

    /** @param acts actions of the page's forms; the query parameter {@code done} may name the action that was just performed */
    RestResponse<Object> show(HttpServerRequest request, Set<String> acts, Content content) {
        access.requireVisibleAdmin();
        var pageRequest = PageRequest.page(request);
        var done = pageRequest.text("done");
        return page(pageRequest, acts.contains(done) ? FormOutcome.success(done) : FormOutcome.NOTHING, content, 200);
    }

    /** Performs a form's action. Redirects to the page on success; shows the page with the error otherwise. */
    RestResponse<Object> perform(
            HttpServerRequest request,
            MultivaluedMap<String, String> form,
            Set<String> acts,
            Content content,
            FormAction perform) {
        access.requireVisibleAdmin();
        var pageRequest = PageRequest.page(request);
        csrfTokens.require(pageRequest.path(), form.getFirst("key"));
        var act = SignedInPages.text(form, "act");
        if (!acts.contains(act)) {
            throw Problem.malformed("act", act, "unknown form.");
        }
        try {
            perform.act(act);
        } catch (ProblemException e) {
            return page(
                    pageRequest,
                    FormErrors.failedOutcome(act, form, e),
                    content,
                    e.problem().status());
        }
        return PageResponses.seeOther(pageRequest.path() + "?done=" + act);
    }

    private RestResponse<Object> page(PageRequest request, FormOutcome outcome, Content content, int status) {
        var body = content.of(layouts.withTwin(request), outcome, csrfTokens.of(request.path()))
                .render();
        return PageResponses.uncached(request, body, status);
    }

    /** Returns the number of rows to skip; 0 if the parameter is missing or invalid. */
    static int after(HttpServerRequest request) {
        var given = PageRequest.page(request).text("after");
        return given.matches("\\d{1,9}") ? Math.min(LAST, Integer.parseInt(given)) : 0;
    }
}
