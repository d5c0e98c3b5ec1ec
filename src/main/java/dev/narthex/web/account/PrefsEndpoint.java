package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.page.LocalRedirect;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.util.Objects;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jspecify.annotations.Nullable;

/** The preferences page: light or dark theme, stored in a cookie. */
@Path("/prefs")
@BrowserEndpoint
@RunOnVirtualThread
class PrefsEndpoint {
    private static final Pattern THEME = Pattern.compile("light|dark");

    private final PageLayoutBuilder layouts;
    private final String attributes;

    PrefsEndpoint(PageLayoutBuilder layouts, @ConfigProperty(name = "narthex.url") String url) {
        this.layouts = layouts;
        this.attributes = "; Path=/; SameSite=Lax; HttpOnly" + (url.startsWith("https:") ? "; Secure" : "");
    }

    @GET
    public RestResponse<Object> get(HttpServerRequest request) {
        var pageRequest = PageRequest.page(request);
        var body = Templates.prefs(layouts.of(pageRequest, ""), LocalRedirect.page(request.getParam("to")))
                .render();
        return PageResponses.body(pageRequest, body, PageResponses.HTML, 200)
                .header("Cache-Control", "no-store")
                .build();
    }

    /** Stores the theme. Only this content type is accepted, because multipart bodies would be written to disk. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(@FormParam("theme") @Nullable String theme, @FormParam("to") @Nullable String to) {
        var chosen = Objects.requireNonNullElse(theme, "");
        boolean known = THEME.matcher(chosen).matches();
        return ResponseBuilder.<Object>create(303)
                .header("Location", LocalRedirect.page(to))
                .header("Cache-Control", "no-store")
                .header(
                        "Set-Cookie",
                        "prefs=" + (known ? chosen : "") + attributes + "; Max-Age=" + (known ? 31_536_000 : 0))
                .build();
    }
}
