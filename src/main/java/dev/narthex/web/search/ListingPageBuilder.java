package dev.narthex.web.search;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.release.Packages;
import dev.narthex.search.Facet;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.PackageSearchResult;
import dev.narthex.search.SearchQuery;
import dev.narthex.search.SearchQuery.Filter;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.ListingView;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Builds the list of all packages of one registry in a cache. The catalog provides the list sorted by name, and everything if
 * there is no search index. Filters and other sort orders come from the index, because the catalog would have to sort all packages
 * for each page.
 */
@ApplicationScoped
public class ListingPageBuilder {
    private static final int KEPT = 200;

    private final com.github.benmanes.caffeine.cache.Cache<Registry, CountedListing> listings =
            Caffeine.newBuilder().maximumSize(KEPT).build();
    private final PackageSearchIndex index;
    private final SearchFilters filters;
    private final Packages packages;
    private final InstalledEcosystems ecosystems;
    private final ViewMapper mapper;

    ListingPageBuilder(
            PackageSearchIndex index,
            SearchFilters filters,
            Packages packages,
            InstalledEcosystems ecosystems,
            ViewMapper mapper) {
        this.index = index;
        this.filters = filters;
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.mapper = mapper;
    }

    public ListingView listing(Cache cache, String asked, PageRequest request) {
        var ecosystem = ecosystems.require(asked).id();
        var address = SearchAddress.listing(request, Urls.listing(cache.name(), ecosystem));
        boolean plain = address.chosen().isEmpty() && address.order() == SearchQuery.Order.NAME;
        var result = plain
                ? filterCounts(cache, ecosystem)
                : index.search(query(cache, ecosystem, address, request.pageNumber()));
        return result.filter(unfiltered -> !plain)
                .map(unfiltered -> filtered(cache, ecosystem, address, request, unfiltered))
                .orElseGet(() -> all(cache, ecosystem, address, request, result));
    }

    /**
     * Returns the facet counts of the whole registry. They are cached until the index changes, because counting takes longer than
     * the rest of the page.
     */
    private Optional<PackageSearchResult> filterCounts(Cache cache, String ecosystem) {
        var as = index.state().revision();
        var registry = new Registry(cache.id(), ecosystem);
        var last = Optional.ofNullable(listings.getIfPresent(registry))
                .filter(listing -> !as.isEmpty() && listing.revision.equals(as));
        if (last.isPresent()) {
            return last.map(CountedListing::matches);
        }
        var filters = List.of(new Filter(Facet.ECOSYSTEM, ecosystem));
        var result = index.search(new SearchQuery("", Set.of(cache.id()), filters, SearchQuery.Order.NAME, 1));
        result.ifPresent(unfiltered -> listings.put(registry, new CountedListing(unfiltered, as)));
        return result;
    }

    private record Registry(long cacheId, String ecosystem) {}

    /** @param as revision of the index before the query, so the result is at least that new */
    private record CountedListing(PackageSearchResult matches, String revision) {}

    /** Returns the matching packages, newest release first; empty if the index does not answer. */
    public Optional<List<Hit>> newest(Cache cache, String ecosystem, SearchAddress address) {
        var visible = List.of(cache);
        return index.search(query(cache, ecosystem, address.newestFirst(), 1))
                .map(result -> result.hits().stream()
                        .map(match -> mapper.toHit(match, visible))
                        .toList());
    }

    private static SearchQuery query(Cache cache, String ecosystem, SearchAddress address, int page) {
        var chosen = address.chosen().entrySet().stream().map(e -> new Filter(e.getKey(), e.getValue()));
        var registry = Stream.of(new Filter(Facet.ECOSYSTEM, ecosystem));
        return new SearchQuery(
                "", Set.of(cache.id()), Stream.concat(registry, chosen).toList(), address.order(), page);
    }

    private ListingView filtered(
            Cache cache, String ecosystem, SearchAddress address, PageRequest request, PackageSearchResult result) {
        var visible = List.of(cache);
        return new ListingView(
                cache.name(),
                ecosystems.name(ecosystem),
                address.sorted(),
                SearchPageBuilder.pages(result, address, request.pageNumber()),
                result.hits().stream()
                        .map(match -> mapper.toHit(match, visible))
                        .toList(),
                filters.withCounts(address, visible, result),
                address.unfiltered().toString(),
                ViewMapper.state(index.state(), true));
    }

    /** Returns the unfiltered list from the catalog. Filters need the index; the page says so if it is unavailable. */
    private ListingView all(
            Cache cache,
            String ecosystem,
            SearchAddress address,
            PageRequest request,
            Optional<PackageSearchResult> result) {
        var current = address.unfiltered();
        var sort = sort(current.order()).orElse(Sort.NAME);
        var page = packages.list(cache.id(), ecosystem, sort, request.pageNumber());
        return new ListingView(
                cache.name(),
                ecosystems.name(ecosystem),
                current.sorted(),
                ViewMapper.pages(page, current.toString()),
                mapper.hits(page.items()),
                result.map(unfiltered -> filters.withCounts(current, List.of(cache), unfiltered))
                        .orElse(List.of()),
                current.toString(),
                ViewMapper.state(index.state(), result.isPresent()));
    }

    private static Optional<Sort> sort(SearchQuery.Order order) {
        return switch (order) {
            case NAME -> Optional.of(Sort.NAME);
            case DEPENDENTS -> Optional.of(Sort.DEPENDENTS);
            case UPDATED -> Optional.of(Sort.NEWEST);
            case BEST, DOWNLOADS -> Optional.empty();
        };
    }
}
