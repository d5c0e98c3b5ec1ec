package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.web.account.AccountPageBuilder;
import dev.narthex.web.account.TokensPageBuilder;
import dev.narthex.web.admin.AuditAddress;
import dev.narthex.web.admin.AuditPageBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.settings.SettingsPageBuilder;
import dev.narthex.web.view.AccountView;
import dev.narthex.web.view.AuditView;
import dev.narthex.web.view.FormOutcome;
import dev.narthex.web.view.SettingsView;
import dev.narthex.web.view.StatusView;
import dev.narthex.web.view.TokensView;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/**
 * The JSON twins of a user's own pages and of the pages for a cache's owners. They require the same permissions as the pages, and
 * responses must not be stored. CSRF tokens and secrets that are shown once, such as a new token, are left out.
 */
@Path(PageRequest.API)
@BrowserEndpoint
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
class AccountJsonEndpoint {
    private final SignedInPages signedInPages;
    private final Access access;
    private final AccountPageBuilder accountPage;
    private final TokensPageBuilder tokens;
    private final SettingsPageBuilder settings;
    private final AuditPageBuilder audit;
    private final StatusPageBuilder status;

    AccountJsonEndpoint(
            SignedInPages signedInPages,
            Access access,
            AccountPageBuilder accountPage,
            TokensPageBuilder tokens,
            SettingsPageBuilder settings,
            AuditPageBuilder audit,
            StatusPageBuilder status) {
        this.signedInPages = signedInPages;
        this.access = access;
        this.accountPage = accountPage;
        this.tokens = tokens;
        this.settings = settings;
        this.audit = audit;
        this.status = status;
    }

    @GET
    @Path("me")
    public AccountView me(HttpServerRequest request) {
        return accountPage.of(signedInPages.require(PageRequest.twin(request)));
    }

    @GET
    @Path("me/tokens")
    public TokensView tokens(HttpServerRequest request, @RestQuery @DefaultValue("" + Long.MAX_VALUE) long before) {
        signedInPages.require(PageRequest.twin(request));
        return tokens.of(Optional.empty(), before);
    }

    @GET
    @Path("{cache}/settings")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "How many came before")
    public SettingsView settings(@RestPath String cache, HttpServerRequest request) {
        var namedCache = access.requireVisible(Action.MAINTAIN, cache);
        return settings.of(namedCache.cache(), namedCache.deleted(), FormOutcome.NOTHING, PageRequest.twin(request));
    }

    @GET
    @Path("{cache}/settings/audit")
    @Parameter(name = "days", in = ParameterIn.QUERY, description = "Of the last days")
    @Parameter(name = "result", in = ParameterIn.QUERY, description = "done or refused")
    @Parameter(name = "act", in = ParameterIn.QUERY, description = "What was done")
    @Parameter(name = "who", in = ParameterIn.QUERY, description = "By whom")
    @Parameter(name = "before", in = ParameterIn.QUERY, description = "Older than the entry of this number")
    @Parameter(name = "after", in = ParameterIn.QUERY, description = "Newer than the entry of this number")
    public AuditView audit(@RestPath String cache, HttpServerRequest request) {
        var foundCache = access.requireVisible(Action.CONFIGURE, cache).cache();
        return audit.of(Optional.of(foundCache), AuditAddress.ofCache(foundCache, PageRequest.twin(request)));
    }

    @GET
    @Path("status")
    public StatusView status() {
        return status.now();
    }
}
