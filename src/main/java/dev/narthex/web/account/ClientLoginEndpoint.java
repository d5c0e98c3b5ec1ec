package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.CsrfTokens;
import dev.narthex.access.DeviceLogins;
import dev.narthex.problem.Problem;
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
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * The confirmation page of a device login. The client shows its URL; the user compares the code and approves or denies the login.
 */
@Path("/login/{code}")
@BrowserEndpoint
@RunOnVirtualThread
class ClientLoginEndpoint {
    private final DeviceLogins logins;
    private final SignedInPages pages;
    private final CsrfTokens csrfTokens;

    ClientLoginEndpoint(DeviceLogins logins, SignedInPages pages, CsrfTokens csrfTokens) {
        this.logins = logins;
        this.pages = pages;
        this.csrfTokens = csrfTokens;
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request, @RestPath String code) {
        return pages.show(
                request,
                (frame, person) ->
                        Templates.clientLogin(frame, require(code), person.login(), csrfTokens.of(act(code))));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(
            HttpServerRequest request, @RestPath String code, MultivaluedMap<String, String> form) {
        var person = csrfTokens.require(act(code), form.getFirst("key"));
        var login = require(code);
        boolean confirmed = form.containsKey("confirm");
        if (confirmed) {
            logins.confirm(code, person);
        } else {
            logins.deny(code);
        }
        return pages.show(request, (frame, same) -> Templates.clientLoginDone(frame, login, confirmed));
    }

    /** Returns the purpose of the CSRF token. It contains the code, so a token cannot confirm another login. */
    private static String act(String code) {
        return "login " + code;
    }

    private DeviceLogins.PendingLogin require(String code) {
        return logins.find(code).orElseThrow(() -> Problem.notFound("login", code));
    }
}
