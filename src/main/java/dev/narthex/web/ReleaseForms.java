package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.FormKeys;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.Proposals;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.ReleaseHead;
import dev.narthex.web.view.Told;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** The form on the page of a release, by which maintainers promote or decline what is proposed. */
@ApplicationScoped
class ReleaseForms {
    private static final String PROMOTE = "promote";
    private static final String DECLINE = "decline";
    private static final int MOST_SEEN = 1000;
    private static final Set<String> ACTS = Set.of(PROMOTE, DECLINE);

    private final Access access;
    private final FormKeys keys;
    private final Proposals proposals;
    private final ReleaseFinder releases;
    private final PackageViews packages;
    private final Ecosystems ecosystems;
    private final Html html;

    ReleaseForms(
            Access access,
            FormKeys keys,
            Proposals proposals,
            ReleaseFinder releases,
            PackageViews packages,
            Ecosystems ecosystems,
            Html html) {
        this.access = access;
        this.keys = keys;
        this.proposals = proposals;
        this.releases = releases;
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.html = html;
    }

    /** Whether whoever reads this page may decide. */
    boolean shownTo(Cache cache, PageAddress.OnePackage address) {
        var normalised = ecosystems
                .find(address.ecosystem())
                .map(ecosystem -> ecosystem.normalise(address.name()))
                .orElse(address.name());
        return access.may(Action.MAINTAIN, cache, address.ecosystem(), normalised);
    }

    /** As a page that was asked for shows it. */
    Deciding of(ReleaseHead head, Asked asked) {
        var done = asked.text("done");
        return new Deciding(keys.of(act(head.url())), ACTS.contains(done) ? Told.done(done) : Told.NOTHING);
    }

    /** The page carries a key for its own release, so that a form of one never decides about another. */
    private static String act(String url) {
        return "proposal " + url;
    }

    /** Whoever may not read the cache learns nothing by sending its forms. */
    RestResponse<Object> post(Asked asked, MultivaluedMap<String, String> form) {
        var address = PageAddress.parse(asked.path())
                .flatMap(PageAddress::release)
                .orElseThrow(() -> new Problem.NotFound("form", asked.path()).asException());
        var cache = access.require(Action.READ, address.cache());
        var url = url(address);
        keys.require(act(url), form.getFirst("key"));
        var act = OwnPages.text(form, "act");
        if (!ACTS.contains(act)) {
            throw new Problem.Malformed("act", act, "this page has no such form.").asException();
        }
        try {
            return Answers.seeOther(
                    act.equals(PROMOTE) ? promote(address, form, url) : decline(cache, address, form, url));
        } catch (ProblemException e) {
            return refused(asked, cache, address, new Deciding(keys.of(act(url)), Refusals.told(act, form, e)), e);
        }
    }

    private static String url(PageAddress.OnePackage of) {
        return Urls.release(of.cache(), of.ecosystem(), of.name(), of.version().orElseThrow());
    }

    private Proposals.Proposal proposal(PageAddress.OnePackage of) {
        return proposals.require(
                of.cache(), of.ecosystem(), of.name(), of.version().orElseThrow());
    }

    private String promote(PageAddress.OnePackage address, MultivaluedMap<String, String> form, String url) {
        var path = OwnPages.text(form, "path");
        proposal(address).promote(path.isEmpty() ? Optional.empty() : Optional.of(path));
        return url + "?done=" + PROMOTE;
    }

    /**
     * Declines what the page showed, and nothing that came since. Leads to what is left: the release, its package, or the store
     * path, whose page says that it was declined.
     */
    private String decline(
            Cache cache, PageAddress.OnePackage address, MultivaluedMap<String, String> form, String url) {
        var seen = form.getOrDefault("seen", List.of());
        if (seen.isEmpty() || seen.size() > MOST_SEEN) {
            throw new Problem.Malformed("seen", "", "the page names the builds that it shows.").asException();
        }
        var declined = proposal(address).decline(seen);
        if (!declined.gone()) {
            return url + "?done=" + DECLINE;
        }
        return releases.exists(cache, address) || declined.paths().isEmpty()
                ? Urls.packagePage(cache.name(), address.ecosystem(), address.name()) + "?done=" + DECLINE
                : Urls.storePath(cache.name(), declined.paths().getFirst());
    }

    private RestResponse<Object> refused(
            Asked asked, Cache cache, PageAddress.OnePackage address, Deciding deciding, ProblemException refusal) {
        PackageView view = packages.overview(releases.require(cache, address));
        return Answers.unkept(
                asked, html.of(view, asked, true, deciding), refusal.problem().status());
    }
}
