package dev.narthex.web.account;

import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.CsrfTokens;
import dev.narthex.access.TokenRequest;
import dev.narthex.access.TokenService;
import dev.narthex.access.TokenService.CreatedToken;
import dev.narthex.problem.Problem;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.page.Templates;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;

/** The page of a user's tokens, with forms to create and revoke them. */
@Path("/me/tokens")
@BrowserEndpoint
@RunOnVirtualThread
class OwnTokensEndpoint {
    private static final String ACT = "tokens";

    private final TokenService tokens;
    private final SignedInPages pages;
    private final CsrfTokens csrfTokens;
    private final TokensPageBuilder tokensPage;

    OwnTokensEndpoint(TokenService tokens, SignedInPages pages, CsrfTokens csrfTokens, TokensPageBuilder tokensPage) {
        this.tokens = tokens;
        this.pages = pages;
        this.csrfTokens = csrfTokens;
        this.tokensPage = tokensPage;
    }

    @GET
    public RestResponse<Object> get(
            HttpServerRequest request, @RestQuery @DefaultValue("" + Long.MAX_VALUE) long before) {
        return show(request, Optional.empty(), before);
    }

    private RestResponse<Object> show(HttpServerRequest request, Optional<CreatedToken> created, long before) {
        return pages.show(
                request,
                (frame, person) -> Templates.tokens(frame, tokensPage.of(created, before), csrfTokens.of(ACT)));
    }

    /** Creates or revokes a token. The text of a new token is only shown in this response. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(HttpServerRequest request, MultivaluedMap<String, String> form) {
        csrfTokens.require(ACT, form.getFirst("key"));
        if (form.containsKey("revoke")) {
            tokens.revoke(number("revoke", SignedInPages.text(form, "revoke")));
            return PageResponses.seeOther("/me/tokens");
        }
        return show(request, Optional.of(tokens.create(toRequest(form))), Long.MAX_VALUE);
    }

    private static TokenRequest toRequest(MultivaluedMap<String, String> form) {
        return TokenRequest.of(
                SignedInPages.text(form, "label"),
                SignedInPages.text(form, "cache"),
                Stream.of(SignedInPages.text(form, "packages").split("[\\s,]+"))
                        .filter(name -> !name.isEmpty())
                        .toList(),
                form.getOrDefault("may", List.of()),
                (int) number("days", SignedInPages.text(form, "days")));
    }

    private static long number(String field, String text) {
        if (!text.matches("\\d{1,9}")) {
            throw Problem.malformed(field, text, "give a number.");
        }
        return Long.parseLong(text);
    }
}
