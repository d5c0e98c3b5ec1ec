package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.ForPeople;
import dev.narthex.access.FormKeys;
import dev.narthex.access.Principal;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Told;
import dev.narthex.web.view.Urls;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;

/** Settings of a cache: its owners change them, its maintainers see them, to all others there is no such page. */
@Path("/{cache}/settings")
@ForPeople
@RunOnVirtualThread
class SettingsEndpoint {
    /** Act to the section of the page that has its form. */
    private static final Map<String, String> SECTIONS = Map.ofEntries(
            Map.entry("summary", "summary"),
            Map.entry("read", "read"),
            Map.entry("releases", "releases"),
            Map.entry("nix", "nix"),
            Map.entry("limits", "space"),
            Map.entry("add-member", "members"),
            Map.entry("roles", "members"),
            Map.entry("add-key", "keys"),
            Map.entry("retire-key", "keys"),
            Map.entry("sign-key", "keys"),
            Map.entry("destroy-key", "keys"),
            Map.entry("delete", "danger"),
            Map.entry("undelete", "summary"));

    private static final Set<Integer> SAID_ON_THE_PAGE = Set.of(400, 404, 409);

    private final Access access;
    private final FormKeys keys;
    private final SettingsActs acts;
    private final SettingsViews views;
    private final Frames frames;

    SettingsEndpoint(Access access, FormKeys keys, SettingsActs acts, SettingsViews views, Frames frames) {
        this.access = access;
        this.keys = keys;
        this.acts = acts;
        this.views = views;
        this.frames = frames;
    }

    @GET
    public RestResponse<Object> get(@RestPath String cache, HttpServerRequest request) {
        var found = access.requireShown(Action.MAINTAIN, cache);
        var asked = Asked.page(request);
        var done = asked.text("done");
        var told = SECTIONS.containsKey(done) ? Told.done(done) : Told.NOTHING;
        return page(asked, found.cache(), found.deleted(), told, 200);
    }

    /** Whoever is not shown the page learns nothing by sending its forms. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public RestResponse<Object> post(
            @RestPath String cache, HttpServerRequest request, MultivaluedMap<String, String> form) {
        var found = access.requireShown(Action.MAINTAIN, cache);
        var person = keys.require(SettingsViews.act(cache), form.getFirst("key"));
        var act = OwnPages.text(form, "act");
        try {
            acts.perform(act, found.cache(), form);
        } catch (ProblemException e) {
            return refused(Asked.page(request), found.cache(), found.deleted(), act, e, form);
        }
        return Answers.seeOther(next(found.cache(), act, person, form));
    }

    private String next(Cache cache, String act, Principal.Person person, MultivaluedMap<String, String> form) {
        boolean leaves = act.equals("roles") && !person.admin() && acts.leaves(person.id(), form);
        return leaves ? "/me" : Urls.cache(cache.name()) + "/settings?done=" + act + "#" + SECTIONS.get(act);
    }

    /** The page again, with what was typed and what is wrong with it. */
    private RestResponse<Object> refused(
            Asked asked,
            Cache cache,
            boolean deleted,
            String act,
            ProblemException refusal,
            MultivaluedMap<String, String> form) {
        var problem = refusal.problem();
        if (!SAID_ON_THE_PAGE.contains(problem.status()) || !SECTIONS.containsKey(act)) {
            throw refusal;
        }
        var typed = new HashMap<String, String>();
        form.keySet().forEach(field -> typed.put(field, OwnPages.text(form, field)));
        var told = new Told(act, words(problem), problem.field().orElse(""), typed);
        return page(asked, cache, deleted, told, problem.status());
    }

    private static String words(Problem problem) {
        var detail = problem.detail();
        return Character.toUpperCase(detail.charAt(0)) + detail.substring(1);
    }

    private RestResponse<Object> page(Asked asked, Cache cache, boolean deleted, Told told, int status) {
        var after = asked.text("after");
        var view = views.of(cache, deleted, told, after.matches("\\d{1,8}") ? Integer.parseInt(after) : 0);
        var body = Templates.settings(frames.of(asked, ""), view).render();
        return Answers.body(asked, body, Answers.HTML, status)
                .header("Cache-Control", "no-store")
                .build();
    }
}
