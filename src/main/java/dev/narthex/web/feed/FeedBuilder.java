package dev.narthex.web.feed;

import dev.narthex.catalog.release.ReleaseDate;
import dev.narthex.catalog.release.ReleaseHistory;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.Feed;
import dev.narthex.web.page.Format;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.release.ReleaseFinder;
import dev.narthex.web.search.ListingPageBuilder;
import dev.narthex.web.search.SearchAddress;
import dev.narthex.web.search.SearchPageBuilder;
import dev.narthex.web.view.EcosystemName;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/**
 * Builds the feed of a page. Feeds of a cache, a registry or a package list the newest releases from the catalog. Feeds of a
 * search or a filtered list come from the search index and list matching packages with their default release.
 */
@ApplicationScoped
public class FeedBuilder {
    private static final int ENTRIES = 50;
    private static final int RETRY_SECONDS = 60;

    private final ReleaseHistory history;
    private final ReleaseFinder releases;
    private final SearchPageBuilder searches;
    private final ListingPageBuilder listings;
    private final InstalledEcosystems ecosystems;

    FeedBuilder(
            ReleaseHistory history,
            ReleaseFinder releases,
            SearchPageBuilder searches,
            ListingPageBuilder listings,
            InstalledEcosystems ecosystems) {
        this.history = history;
        this.releases = releases;
        this.searches = searches;
        this.listings = listings;
        this.ecosystems = ecosystems;
    }

    /** @param readable caches of the page at this URL, with permissions already checked */
    public PageResult at(PageAddress address, List<Cache> readable, PageRequest request) {
        return switch (address) {
            case PageAddress.CachePage page -> toResult(ofCache(readable.getFirst()));
            case PageAddress.Listing listing -> toResult(ofListing(readable.getFirst(), listing, request));
            case PageAddress.Search search -> toResult(ofSearch(readable, request));
            case PageAddress.PackagePage page -> ofPackage(page, readable.getFirst());
            case PageAddress other -> throw Problem.notFound("feed", Feed.PREFIX + request.path());
        };
    }

    private static PageResult toResult(Feed feed) {
        return new PageResult.FeedResult(feed);
    }

    private Feed ofCache(Cache cache) {
        return new Feed(Urls.cache(cache.name()), "New in " + cache.name(), cache.name(), newest(cache, "", ""));
    }

    private Feed ofListing(Cache cache, PageAddress.Listing listing, PageRequest request) {
        var ecosystem = ecosystems.name(ecosystems.require(listing.ecosystem()).id());
        var address = SearchAddress.listing(request, Urls.listing(cache.name(), ecosystem.id()));
        var title = "New " + ecosystem.title() + " packages in " + cache.name();
        return address.chosen().isEmpty()
                ? new Feed(address.narrowing(), title, cache.name(), newest(cache, ecosystem.id(), ""))
                : new Feed(
                        address.narrowing(),
                        title + ", filtered",
                        cache.name(),
                        toEntries(listings.newest(cache, ecosystem.id(), address)));
    }

    private Feed ofSearch(List<Cache> visible, PageRequest request) {
        var address = SearchAddress.search(request);
        var title = address.text().isEmpty() ? "New packages" : "New packages for “" + address.text() + "”";
        return new Feed(address.narrowing(), title, "Narthex", toEntries(searches.newest(visible, address)));
    }

    /** Builds the feed of a package. Versions have no feed, so their URLs redirect to that of the package. */
    private PageResult ofPackage(PageAddress.PackagePage packagePage, Cache cache) {
        var ecosystem = ecosystems.require(packagePage.ecosystem());
        var page = Urls.packagePage(cache.name(), ecosystem.id(), ecosystem.normalize(packagePage.name()));
        if (packagePage.version().isPresent() || releases.canonical(packagePage).isPresent()) {
            return new PageResult.Redirect(308, page);
        }
        var row = releases.row(cache, packagePage);
        var entries = newest(cache, ecosystem.id(), row.normalized());
        var title = row.name() + " · " + ecosystem.title() + " · " + cache.name();
        return toResult(new Feed(page, title, cache.name(), entries));
    }

    private List<Feed.Entry> newest(Cache cache, String ecosystem, String normalized) {
        return history.newest(cache.id(), ecosystem, normalized, ENTRIES).stream()
                .map(release -> entry(cache, release))
                .toList();
    }

    private Feed.Entry entry(Cache cache, ReleaseDate release) {
        var url = Urls.release(cache.name(), release.ecosystem(), release.normalized(), release.version());
        return new Feed.Entry(
                url.substring(1),
                url,
                title(release.name(), release.version(), ecosystems.name(release.ecosystem())),
                release.at(),
                release.by().map(Format::principalName),
                release.ecosystem(),
                release.summary());
    }

    private static String title(String name, String version, EcosystemName ecosystem) {
        return name + " " + version + " · " + ecosystem.title();
    }

    /**
     * Converts hits to entries. It fails while the index is unavailable, because an unfiltered feed would contain entries that do
     * not match, and feed readers keep what they once received.
     *
     * @param hits empty if the index is unavailable
     */
    private static List<Feed.Entry> toEntries(Optional<List<Hit>> hits) {
        return hits
                .orElseThrow(() -> Problem.unavailable(
                        "The search index is being built, and filters need it. Try again later.", RETRY_SECONDS))
                .stream()
                .map(hit -> {
                    var url = hit.url() + "@" + Urls.encode(hit.version());
                    return new Feed.Entry(
                            url.substring(1),
                            url,
                            title(hit.name(), hit.version(), hit.ecosystem()),
                            hit.publishedAt(),
                            Optional.empty(),
                            hit.ecosystem().id(),
                            hit.summary());
                })
                .toList();
    }
}
