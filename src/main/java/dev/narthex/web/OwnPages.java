package dev.narthex.web;

import dev.narthex.access.Principal;
import dev.narthex.access.SignIn;
import dev.narthex.problem.Problem;
import dev.narthex.web.view.Urls;
import io.quarkus.qute.TemplateInstance;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jboss.resteasy.reactive.RestResponse;

/** Pages of one's own: whoever has not signed in is sent to do so, and nobody else is shown them. */
@ApplicationScoped
class OwnPages {
    private final SignIn signIn;
    private final Frames frames;

    OwnPages(SignIn signIn, Frames frames) {
        this.signIn = signIn;
        this.frames = frames;
    }

    /** A field of a form; empty if it was not sent. */
    static String text(MultivaluedMap<String, String> form, String field) {
        return Objects.requireNonNullElse(form.getFirst(field), "");
    }

    /** @throws dev.narthex.problem.ProblemException NotFound if nobody can sign in here */
    RestResponse<Object> show(HttpServerRequest request, BiFunction<Frame, Principal.Person, TemplateInstance> page) {
        var asked = Asked.page(request);
        if (signIn.provider().isEmpty()) {
            throw new Problem.NotFound("page", asked.path()).asException();
        }
        return signIn.person()
                .map(person -> Answers.unkept(
                        asked, page.apply(frames.of(asked, ""), person).render()))
                .orElseGet(() -> Answers.seeOther("/login?to=" + Urls.query(asked.pathAndQuery())));
    }
}
