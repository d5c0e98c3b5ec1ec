package dev.narthex.web;

import dev.narthex.web.page.Feed;
import dev.narthex.web.page.PageLayout.AlternateForms;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.search.SearchAddress;
import dev.narthex.web.view.CacheView;
import dev.narthex.web.view.CachesView;
import dev.narthex.web.view.HomeView;
import dev.narthex.web.view.ListingView;
import dev.narthex.web.view.PackageView;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.Urls;
import dev.narthex.web.view.VersionsView;
import dev.narthex.web.view.View;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Determines the alternate forms of a page: JSON twin, feed and canonical URL. Search engines should list one URL for each thing
 * people look for; for a package, it is the page of its default version. The templates of other versions, tabs and filtered lists
 * therefore contain {@code noindex}.
 */
@ApplicationScoped
class AlternateLinks {
    private final String baseUrl;

    AlternateLinks(@ConfigProperty(name = "narthex.url") String baseUrl) {
        this.baseUrl = baseUrl;
    }

    AlternateForms of(View view, PageRequest request) {
        var canonical = canonical(view);
        return new AlternateForms(
                request.twinAddress(), feed(view, request), canonical.isEmpty() ? "" : baseUrl + canonical);
    }

    private static String canonical(View view) {
        return switch (view) {
            case HomeView home -> "/";
            case CachesView caches -> caches.pages().page() == 1 ? "/caches" : "";
            case CacheView cache -> Urls.cache(cache.name());
            case ListingView listing ->
                listing.pages().page() == 1 && listing.used().isEmpty()
                        ? Urls.listing(listing.cache(), listing.ecosystem().id())
                        : "";
            case PackageView release ->
                release.head().byDefault()
                        ? release.head().packageUrl()
                        : release.head().url();
            case View other -> "";
        };
    }

    private static String feed(View view, PageRequest request) {
        var page = switch (view) {
            case CacheView cache -> Urls.cache(cache.name());
            case ListingView listing ->
                SearchAddress.listing(
                                request,
                                Urls.listing(
                                        listing.cache(), listing.ecosystem().id()))
                        .narrowing();
            case SearchView search -> searchLinks(SearchAddress.search(request));
            case PackageView release -> release.head().packageUrl();
            case VersionsView versions -> versions.head().packageUrl();
            case View other -> "";
        };
        return page.isEmpty() ? "" : Feed.PREFIX + page;
    }

    /** Returns the path of a search's feed; empty for a search without query and filters. */
    private static String searchLinks(SearchAddress search) {
        return search.text().isEmpty() && search.chosen().isEmpty() ? "" : search.narrowing();
    }
}
