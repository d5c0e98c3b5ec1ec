package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.CsrfTokens;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.publish.registry.ReleaseMaintenance;
import dev.narthex.publish.registry.ReleaseReview;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.web.page.FormErrors;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.ReleaseFormState;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.release.PackagePageBuilder;
import dev.narthex.web.release.ReleaseFinder;
import dev.narthex.web.view.FormOutcome;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.ReleaseHead;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * The forms on the page of a release: maintainers promote or decline proposed builds, and withdraw, restore or delete released
 * ones.
 */
@ApplicationScoped
class ReleaseForms {
    private static final String PROMOTE = "promote";
    private static final String DECLINE = "decline";
    private static final int MAX_SHOWN = 1000;
    private static final String WITHDRAW = "withdraw";
    private static final String RESTORE = "restore";
    private static final String REMOVE = "remove";
    private static final Set<String> ACTS = Set.of(PROMOTE, DECLINE, WITHDRAW, RESTORE, REMOVE);

    private final Access access;
    private final CsrfTokens csrfTokens;
    private final ReleaseReview review;
    private final ReleaseMaintenance maintenance;
    private final ReleaseFinder releases;
    private final PackagePageBuilder packages;
    private final InstalledEcosystems ecosystems;
    private final HtmlRenderer html;

    ReleaseForms(
            Access access,
            CsrfTokens csrfTokens,
            ReleaseReview review,
            ReleaseMaintenance maintenance,
            ReleaseFinder releases,
            PackagePageBuilder packages,
            InstalledEcosystems ecosystems,
            HtmlRenderer html) {
        this.access = access;
        this.csrfTokens = csrfTokens;
        this.review = review;
        this.maintenance = maintenance;
        this.releases = releases;
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.html = html;
    }

    /** Returns whether the current user may maintain the package. */
    boolean shownTo(Cache cache, PageAddress.PackagePage address) {
        var normalized = ecosystems
                .find(address.ecosystem())
                .map(ecosystem -> ecosystem.normalize(address.name()))
                .orElse(address.name());
        return access.isAllowed(Action.MAINTAIN, cache, address.ecosystem(), normalized);
    }

    /** Returns the forms as a requested page shows them. */
    ReleaseFormState of(ReleaseHead head, PageRequest request) {
        var done = request.text("done");
        return formState(
                head.ecosystem().id(),
                head.url(),
                ACTS.contains(done) ? FormOutcome.success(done) : FormOutcome.NOTHING);
    }

    private ReleaseFormState formState(String ecosystem, String url, FormOutcome outcome) {
        return new ReleaseFormState(
                csrfTokens.of(act(url)), outcome, ecosystems.find(ecosystem).flatMap(Ecosystem::withdrawal));
    }

    /** Returns the purpose of the CSRF token. It contains the release's URL, so a token cannot be used for another release. */
    private static String act(String url) {
        return "proposal " + url;
    }

    /**
     * Handles a form. The read permission is checked first, so that forms reveal nothing about caches that the user may not read.
     */
    RestResponse<Object> post(PageRequest request, MultivaluedMap<String, String> form) {
        var address = PageAddress.parse(request.path())
                .flatMap(PageAddress::release)
                .orElseThrow(() -> Problem.notFound("form", request.path()));
        var cache = access.require(Action.READ, address.cache());
        var url = url(address);
        csrfTokens.require(act(url), form.getFirst("key"));
        var act = SignedInPages.text(form, "act");
        if (!ACTS.contains(act)) {
            throw Problem.malformed("act", act, "unknown form.");
        }
        try {
            return PageResponses.seeOther(
                    switch (act) {
                        case PROMOTE -> promote(address, form, url);
                        case DECLINE -> decline(cache, address, form, url);
                        case REMOVE -> remove(cache, address, form);
                        default -> withdraw(address, act.equals(WITHDRAW), form, url);
                    });
        } catch (ProblemException e) {
            var outcome = FormErrors.failedOutcome(act, form, e);
            return renderRefused(request, cache, address, formState(address.ecosystem(), url, outcome), e);
        }
    }

    private ReleaseMaintenance.MaintainedRelease requireRelease(PageAddress.PackagePage page) {
        return maintenance.require(
                page.cache(), page.ecosystem(), page.name(), page.version().orElseThrow());
    }

    private String withdraw(
            PageAddress.PackagePage address, boolean back, MultivaluedMap<String, String> form, String url) {
        if (back) {
            requireRelease(address).withdraw(SignedInPages.text(form, "reason"));
        } else {
            requireRelease(address).restore();
        }
        return url + "?done=" + (back ? WITHDRAW : RESTORE);
    }

    /** Deletes the release. Returns the URL of the package, or of the ecosystem's list if no version is left. */
    private String remove(Cache cache, PageAddress.PackagePage address, MultivaluedMap<String, String> form) {
        var typed = SignedInPages.text(form, "confirm").strip();
        if (!typed.equals(address.version().orElseThrow())) {
            throw Problem.malformed("confirm", typed, "type the version to confirm its deletion.");
        }
        requireRelease(address).remove(SignedInPages.text(form, "reason"));
        return releases.exists(cache, address)
                ? Urls.packagePage(cache.name(), address.ecosystem(), address.name()) + "?done=" + REMOVE
                : Urls.listing(cache.name(), address.ecosystem());
    }

    private static String url(PageAddress.PackagePage page) {
        return Urls.release(
                page.cache(), page.ecosystem(), page.name(), page.version().orElseThrow());
    }

    private ReleaseReview.Proposal proposal(PageAddress.PackagePage page) {
        return review.require(
                page.cache(), page.ecosystem(), page.name(), page.version().orElseThrow());
    }

    private String promote(PageAddress.PackagePage address, MultivaluedMap<String, String> form, String url) {
        var path = SignedInPages.text(form, "path");
        proposal(address).promote(path.isEmpty() ? Optional.empty() : Optional.of(path));
        return url + "?done=" + PROMOTE;
    }

    /**
     * Declines the builds that the page showed, but not those pushed since. Returns the URL of the release, of its package, or of
     * the store path, whichever still exists; the page of the path mentions that it was declined.
     */
    private String decline(
            Cache cache, PageAddress.PackagePage address, MultivaluedMap<String, String> form, String url) {
        var seen = form.getOrDefault("seen", List.of());
        if (seen.isEmpty() || seen.size() > MAX_SHOWN) {
            throw Problem.malformed("seen", "", "the page names the builds that it shows.");
        }
        var declined = proposal(address).decline(seen);
        if (!declined.gone()) {
            return url + "?done=" + DECLINE;
        }
        return releases.exists(cache, address) || declined.paths().isEmpty()
                ? Urls.packagePage(cache.name(), address.ecosystem(), address.name()) + "?done=" + DECLINE
                : Urls.storePath(cache.name(), declined.paths().getFirst());
    }

    private RestResponse<Object> renderRefused(
            PageRequest request,
            Cache cache,
            PageAddress.PackagePage address,
            ReleaseFormState formState,
            ProblemException refusal) {
        PackageView view = packages.overview(releases.require(cache, address));
        return PageResponses.uncached(
                request,
                html.of(view, request, true, formState),
                refusal.problem().status());
    }
}
