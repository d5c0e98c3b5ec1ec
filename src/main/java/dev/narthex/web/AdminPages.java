package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.FormKeys;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.web.view.Told;
import io.quarkus.qute.TemplateInstance;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** What all pages of this instance's admins have in common: to everybody else there are none, and their forms say what they did. */
@ApplicationScoped
class AdminPages {
    static final int LAST = 100_000_000;

    private final Access access;
    private final FormKeys keys;
    private final Frames frames;

    AdminPages(Access access, FormKeys keys, Frames frames) {
        this.access = access;
        this.keys = keys;
        this.frames = frames;
    }

    /** What an admin's page is made of. */
    @FunctionalInterface
    interface Content {
        /** @param key what its forms carry */
        TemplateInstance of(Frame frame, Told told, String key);
    }

    /** What a form does; throws what is wrong with it. */
    @FunctionalInterface
    interface Perform {
        void act(String act);
    }

    /** @param acts of the forms of this page, one of which may just have been done */
    RestResponse<Object> show(HttpServerRequest request, Set<String> acts, Content content) {
        access.requireShownAdmin();
        var asked = Asked.page(request);
        var done = asked.text("done");
        return page(asked, acts.contains(done) ? Told.done(done) : Told.NOTHING, content, 200);
    }

    /** The page once more: after what was done, or with what is wrong with the form. */
    RestResponse<Object> perform(
            HttpServerRequest request,
            MultivaluedMap<String, String> form,
            Set<String> acts,
            Content content,
            Perform perform) {
        access.requireShownAdmin();
        var asked = Asked.page(request);
        keys.require(asked.path(), form.getFirst("key"));
        var act = OwnPages.text(form, "act");
        if (!acts.contains(act)) {
            throw new Problem.Malformed("act", act, "this page has no such form.").asException();
        }
        try {
            perform.act(act);
        } catch (ProblemException e) {
            return page(asked, Refusals.told(act, form, e), content, e.problem().status());
        }
        return Answers.seeOther(asked.path() + "?done=" + act);
    }

    private RestResponse<Object> page(Asked asked, Told told, Content content, int status) {
        var body =
                content.of(frames.withTwin(asked), told, keys.of(asked.path())).render();
        return Answers.unkept(asked, body, status);
    }

    /** How many lines came before the page; nonsense is none. */
    static int after(HttpServerRequest request) {
        var given = Asked.page(request).text("after");
        return given.matches("\\d{1,9}") ? Math.min(LAST, Integer.parseInt(given)) : 0;
    }
}
