package dev.narthex.web.settings;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.BrowserEndpoint;
import dev.narthex.access.CsrfTokens;
import dev.narthex.access.Principal;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.FormErrors;
import dev.narthex.web.page.PageLayoutBuilder;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.page.Templates;
import dev.narthex.web.view.FormOutcome;
import dev.narthex.web.view.Urls;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * The settings page of a cache. Owners can change settings and maintainers can view them; to all others, the page does not exist.
 */
@Path("/{cache}/settings")
@BrowserEndpoint
@RunOnVirtualThread
class SettingsEndpoint {
    /** Maps each action to the section of the page that has its form. */
    private static final Map<String, String> SECTIONS = Map.ofEntries(
            Map.entry("summary", "summary"),
            Map.entry("read", "read"),
            Map.entry("releases", "releases"),
            Map.entry("nix", "nix"),
            Map.entry("keep", "kept"),
            Map.entry("collect", "kept"),
            Map.entry("unpin", "kept"),
            Map.entry("limits", "space"),
            Map.entry("add-member", "members"),
            Map.entry("roles", "members"),
            Map.entry("add-trust", "trust"),
            Map.entry("remove-trust", "trust"),
            Map.entry("add-key", "keys"),
            Map.entry("retire-key", "keys"),
            Map.entry("sign-key", "keys"),
            Map.entry("destroy-key", "keys"),
            Map.entry("delete", "danger"),
            Map.entry("undelete", "summary"));

    private final Access access;
    private final CsrfTokens csrfTokens;
    private final SettingsActions acts;
    private final SettingsPageBuilder settingsPage;
    private final PageLayoutBuilder layouts;

    SettingsEndpoint(
            Access access,
            CsrfTokens csrfTokens,
            SettingsActions settingsActions,
            SettingsPageBuilder settingsPage,
            PageLayoutBuilder layouts) {
        this.access = access;
        this.csrfTokens = csrfTokens;
        this.acts = settingsActions;
        this.settingsPage = settingsPage;
        this.layouts = layouts;
    }

    @GET
    public RestResponse<Object> get(@RestPath String cache, HttpServerRequest request) {
        var namedCache = access.requireVisible(Action.MAINTAIN, cache);
        var pageRequest = PageRequest.page(request);
        var done = pageRequest.text("done");
        var outcome = SECTIONS.containsKey(done) ? FormOutcome.success(done) : FormOutcome.NOTHING;
        return page(pageRequest, namedCache.cache(), namedCache.deleted(), outcome, 200);
    }

    /** Handles a form. Access to the page is checked first, so that forms reveal nothing to users who may not see it. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(
            @RestPath String cache, HttpServerRequest request, MultivaluedMap<String, String> form) {
        var namedCache = access.requireVisible(Action.MAINTAIN, cache);
        var person = csrfTokens.require(SettingsPageBuilder.act(cache), form.getFirst("key"));
        var act = SignedInPages.text(form, "act");
        try {
            acts.perform(act, namedCache.cache(), form);
        } catch (ProblemException e) {
            if (!SECTIONS.containsKey(act)) {
                throw e;
            }
            var outcome = FormErrors.failedOutcome(act, form, e);
            return page(
                    PageRequest.page(request),
                    namedCache.cache(),
                    namedCache.deleted(),
                    outcome,
                    e.problem().status());
        }
        return PageResponses.seeOther(next(namedCache.cache(), act, person, form));
    }

    private String next(Cache cache, String act, Principal.Person person, MultivaluedMap<String, String> form) {
        boolean leaves = act.equals("roles") && !person.admin() && acts.losesAccess(person.id(), form);
        return leaves ? "/me" : Urls.cache(cache.name()) + "/settings?done=" + act + "#" + SECTIONS.get(act);
    }

    private RestResponse<Object> page(
            PageRequest request, Cache cache, boolean deleted, FormOutcome outcome, int status) {
        var view = settingsPage.of(cache, deleted, outcome, request);
        var body = Templates.settings(layouts.withTwin(request), view).render();
        return PageResponses.uncached(request, body, status);
    }
}
