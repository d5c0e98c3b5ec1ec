package dev.narthex.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.TrustedPublisherService;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.CpuBoundRoutes;
import dev.narthex.http.CurrentRequest;
import dev.narthex.http.PercentEncoding;
import dev.narthex.limits.CpuPermits;
import dev.narthex.problem.Problem;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.spi.Cache;
import dev.narthex.web.diff.DiffTargets;
import dev.narthex.web.feed.Atom;
import dev.narthex.web.feed.FeedBuilder;
import dev.narthex.web.files.RawFiles;
import dev.narthex.web.page.BuildVersion;
import dev.narthex.web.page.Feed;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResponses;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.page.ReleaseFormState;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.View;
import dev.narthex.web.view.WhyKeptView;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;

/**
 * Handles the requests for all pages, JSON twins and feeds: parses the URL, checks permissions, compares the ETag, builds the
 * view, and renders it, in this order.
 */
@ApplicationScoped
class PageService {
    private static final int HALF_A_MINUTE = 30;
    private static final Duration MAX_WAIT = Duration.ofMillis(50);

    private final Access access;
    private final ChangeLog changes;
    private final PackageSearchIndex index;
    private final PageBuilder pageBuilder;
    private final HtmlRenderer html;
    private final ReleaseForms forms;
    private final PinForms pins;
    private final FeedBuilder feeds;
    private final Atom atom;
    private final TrustedPublisherService publisherService;
    private final DiffTargets targets;
    private final ObjectMapper json;

    /**
     * Limits concurrent rendering. Separate from the limit for request bodies, so that pages and uploads do not wait for each
     * other.
     */
    private final CpuPermits permits = new CpuPermits(2 * Runtime.getRuntime().availableProcessors());

    PageService(
            Access access,
            ChangeLog changes,
            PackageSearchIndex index,
            PageBuilder pageBuilder,
            HtmlRenderer html,
            ReleaseForms forms,
            PinForms pins,
            FeedBuilder feeds,
            @ConfigProperty(name = "narthex.url") String baseUrl,
            TrustedPublisherService publisherService,
            DiffTargets targets,
            ObjectMapper json) {
        this.access = access;
        this.changes = changes;
        this.index = index;
        this.pageBuilder = pageBuilder;
        this.html = html;
        this.forms = forms;
        this.pins = pins;
        this.feeds = feeds;
        this.atom = new Atom(baseUrl);
        this.publisherService = publisherService;
        this.targets = targets;
        this.json = json;
    }

    RestResponse<Object> page(PageRequest request, HttpHeaders headers) throws IOException {
        return respond(request, headers, Form.PAGE);
    }

    RestResponse<Object> twin(PageRequest request, HttpHeaders headers) throws IOException {
        return respond(request, headers, Form.TWIN);
    }

    RestResponse<Object> feed(PageRequest request, HttpHeaders headers) throws IOException {
        return respond(request, headers, Form.FEED);
    }

    /** The representations of a page. Each has the URL of the page with a prefix. */
    private enum Form {
        PAGE(""),
        TWIN(PageRequest.API),
        FEED(Feed.PREFIX);

        private final String prefix;

        Form(String prefix) {
            this.prefix = prefix;
        }
    }

    private RestResponse<Object> respond(PageRequest request, HttpHeaders headers, Form form) throws IOException {
        if (request.path().length() > 1 && request.path().endsWith("/")) {
            return redirect(308, request.path().substring(0, request.path().length() - 1), form);
        }
        var address = PageAddress.parse(request.path()).orElseThrow(() -> Problem.notFound("page", request.path()));
        var readable = readable(address, request);
        boolean manages = showsControls(address, readable);
        var etag = etag(address, request, readable, form, manages);
        if (!request.has("raw") && ContentResponse.etagMatches(request.header("If-None-Match"), etag)) {
            return PageResponses.notModified("W/" + etag);
        }
        try (var _ = permit(request)) {
            var outcome = form == Form.FEED
                    ? feeds.at(address, readable, request)
                    : pageBuilder.build(address, readable, request);
            boolean open = readable.stream().allMatch(Cache::open);
            return switch (outcome) {
                case PageResult.ViewResult shown -> {
                    var body = body(shown.view(), request, form, manages);
                    yield shown.view().lasting()
                            ? PageResponses.cacheable(request, body, type(form), "W/" + etag, open)
                            : PageResponses.uncachedPage(request, body, type(form), open);
                }
                case PageResult.FeedResult result ->
                    PageResponses.cacheable(request, atom.of(result.feed()), Atom.TYPE, "W/" + etag, open);
                case PageResult.Redirect moved -> redirect(moved.status(), moved.location(), form);
                case PageResult.RawFile raw ->
                    RawFiles.send(raw.bound(permits, CurrentRequest.clientAddress()), headers);
            };
        }
    }

    /**
     * Acquires a permit to render. Pages that render a package's own files may take arbitrarily long, so they need a permit and
     * fail with 503 under overload. All other pages are fast: they wait for a permit only briefly and are then rendered without
     * one. The short wait prevents some of many concurrent requests from taking twice as long as the others.
     */
    private CpuPermits.HeldPermit permit(PageRequest request) throws IOException {
        return CpuBoundRoutes.find("GET", PercentEncoding.decode(request.path()))
                        .isPresent()
                ? permits.acquire(CurrentRequest.clientAddress())
                : permits.acquireWithin(CurrentRequest.clientAddress(), MAX_WAIT);
    }

    private static RestResponse<Object> redirect(int status, String location, Form form) {
        return PageResponses.redirect(status, form.prefix + location);
    }

    private List<Cache> readable(PageAddress address, PageRequest request) {
        return switch (address) {
            case PageAddress.Home home -> access.visible();
            case PageAddress.Caches caches -> access.visible();
            case PageAddress.Search search -> access.visible();
            case PageAddress.Compare compare -> targets.readable(request);
            case PageAddress.CachePage page -> readableCache(page.cache());
            case PageAddress.Listing listing -> readableCache(listing.cache());
            case PageAddress.PackagePage page -> readableCache(page.cache());
            case PageAddress.PathPage page -> readableCache(page.cache());
            case PageAddress.TwoReleases twoReleases -> readableCache(twoReleases.cache());
            case PageAddress.TwoPaths twoPaths ->
                List.of(
                        access.require(Action.READ, twoPaths.cache()),
                        access.require(Action.READ, twoPaths.cacheOfB()));
        };
    }

    /** Returns whether the page shows controls that only some users see. */
    private boolean showsControls(PageAddress address, List<Cache> readable) {
        return switch (address) {
            case PageAddress.CachePage page -> access.isAllowed(Action.MAINTAIN, readable.getFirst());
            case PageAddress.PackagePage page ->
                page.tab().equals(PageAddress.OVERVIEW) && forms.shownTo(readable.getFirst(), page);
            case PageAddress.PathPage page -> page.tab().equals(PageAddress.KEPT) && pins.shownTo(readable.getFirst());
            case PageAddress other -> false;
        };
    }

    private List<Cache> readableCache(String name) {
        return List.of(access.require(Action.READ, name));
    }

    /**
     * Returns the ETag. A page depends on the catalog, the running code, the user's permissions and the theme; searches and
     * listings also depend on the search index, which follows the catalog.
     */
    private String etag(PageAddress address, PageRequest request, List<Cache> readable, Form form, boolean manages) {
        var seen = Integer.toHexString(
                List.of(readable, access.principal(), manages).hashCode());
        boolean searched = address instanceof PageAddress.Search || address instanceof PageAddress.Listing;
        var indexed = searched ? index.state().toString().hashCode() : 0;
        return "\"" + changes.requestHead().revision() + "-" + Integer.toHexString(indexed)
                + extraETag(address, readable) + "-" + BuildVersion.MARK + "-" + seen + request.theme() + form.ordinal()
                + "\"";
    }

    /**
     * Returns the part of the ETag for data outside of the change log: trusted publishers, the date (which determines whether
     * metadata is old), and the last use of paths, which is written at most twice a minute.
     */
    private String extraETag(PageAddress address, List<Cache> readable) {
        if (address instanceof PageAddress.PathPage path && path.tab().equals(PageAddress.KEPT)) {
            return "-" + Instant.now().getEpochSecond() / HALF_A_MINUTE;
        }
        if (!(address instanceof PageAddress.PackagePage page)) {
            return "";
        }
        return switch (page.tab()) {
            case PageAddress.PROVENANCE ->
                "-"
                        + Integer.toHexString(
                                publisherService.list(readable.getFirst()).hashCode());
            case PageAddress.SECURITY ->
                "-" + LocalDate.ofInstant(Instant.now(), ZoneOffset.UTC).toEpochDay();
            default -> "";
        };
    }

    private String body(View view, PageRequest request, Form form, boolean manages) {
        try {
            return form == Form.PAGE
                    ? html.of(view, request, manages, formState(view, request, manages))
                    : json.writeValueAsString(view);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ReleaseFormState formState(View view, PageRequest request, boolean manages) {
        if (!manages) {
            return ReleaseFormState.NOTHING;
        }
        return switch (view) {
            case PackageView release -> forms.of(release.head(), request);
            case WhyKeptView kept -> pins.of(kept.head().url(), request);
            case View other -> ReleaseFormState.NOTHING;
        };
    }

    private static String type(Form form) {
        return form == Form.PAGE ? PageResponses.HTML : PageResponses.JSON;
    }
}
