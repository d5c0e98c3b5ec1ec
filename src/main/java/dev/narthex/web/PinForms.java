package dev.narthex.web;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.CsrfTokens;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.retention.PinService;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.FormErrors;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.ReleaseFormState;
import dev.narthex.web.page.SignedInPages;
import dev.narthex.web.path.WhyKeptPageBuilder;
import dev.narthex.web.view.FormOutcome;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.RestResponse;

/** The forms with which maintainers pin a path, on the page that explains why it is kept. */
@ApplicationScoped
class PinForms {
    private static final String PIN = "pin";
    private static final String UNPIN = "unpin";
    private static final Set<String> ACTS = Set.of(PIN, UNPIN);

    private final Access access;
    private final CsrfTokens csrfTokens;
    private final PinService pinning;
    private final WhyKeptPageBuilder whyKeptPage;
    private final HtmlRenderer html;

    PinForms(
            Access access,
            CsrfTokens csrfTokens,
            PinService pinning,
            WhyKeptPageBuilder whyKeptPage,
            HtmlRenderer html) {
        this.access = access;
        this.csrfTokens = csrfTokens;
        this.pinning = pinning;
        this.whyKeptPage = whyKeptPage;
        this.html = html;
    }

    boolean shownTo(Cache cache) {
        return access.isAllowed(Action.MAINTAIN, cache);
    }

    /** @param url URL of the path's page */
    ReleaseFormState of(String url, PageRequest request) {
        var done = request.text("done");
        return formState(url, ACTS.contains(done) ? FormOutcome.success(done) : FormOutcome.NOTHING);
    }

    private ReleaseFormState formState(String url, FormOutcome outcome) {
        return new ReleaseFormState(csrfTokens.of(act(url)), outcome, Optional.empty());
    }

    private static String act(String url) {
        return "pins of " + url;
    }

    /**
     * Handles a form. The read permission is checked first, so that forms reveal nothing about caches that the user may not read.
     */
    RestResponse<Object> post(PageRequest request, String cacheName, String hash, MultivaluedMap<String, String> form) {
        var cache = access.require(Action.READ, cacheName);
        var url = Urls.storePath(cache.name(), hash);
        csrfTokens.require(act(url), form.getFirst("key"));
        var act = SignedInPages.text(form, "act");
        try {
            switch (act) {
                case PIN -> pin(cache, hash, form);
                case UNPIN -> pinning.remove(cache.name(), SignedInPages.text(form, "name"));
                default -> throw Problem.malformed("act", act, "unknown form.");
            }
        } catch (ProblemException e) {
            var outcome = FormErrors.failedOutcome(act, form, e);
            var body = html.of(whyKeptPage.build(cache, hash), request, true, formState(url, outcome));
            return PageResponses.uncached(request, body, e.problem().status());
        }
        return PageResponses.seeOther(url + "/kept?done=" + act);
    }

    private void pin(Cache cache, String hash, MultivaluedMap<String, String> form) {
        var name = SignedInPages.text(form, "name").strip();
        pinning.put(
                cache.name(),
                name,
                new PinService.PinParams(
                        hash, SignedInPages.text(form, "reason"), parseExpiry(SignedInPages.text(form, "until"))));
    }

    /** Parses a date. Returns the end of that day in UTC; empty if the field is blank. */
    private static Optional<Instant> parseExpiry(String day) {
        if (day.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.parse(day.strip())
                    .plusDays(1)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant());
        } catch (DateTimeParseException e) {
            throw Problem.malformed("until", day, "enter a date such as 2027-01-31, or leave it empty.");
        }
    }
}
