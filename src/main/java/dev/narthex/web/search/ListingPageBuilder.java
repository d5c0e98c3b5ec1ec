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
import dev.narthex.web.page.Ecosystems;
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

    private final com.github.benmanes.caffeine.cache.Cache<Registry, Counted> kept =
            Caffeine.newBuilder().maximumSize(KEPT).build();
    private final PackageSearchIndex index;
    private final SearchFilters filters;
    private final Packages packages;
    private final Ecosystems ecosystems;
    private final ViewMapper lines;

    ListingPageBuilder(
            PackageSearchIndex index,
            SearchFilters filters,
            Packages packages,
            Ecosystems ecosystems,
            ViewMapper lines) {
        this.index = index;
        this.filters = filters;
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.lines = lines;
    }

    public ListingView listing(Cache cache, String asked, PageRequest request) {
        var ecosystem = ecosystems.require(asked).id();
        var here = SearchAddress.listing(request, Urls.listing(cache.name(), ecosystem));
        boolean plain = here.chosen().isEmpty() && here.order() == SearchQuery.Order.NAME;
        var found =
                plain ? counted(cache, ecosystem) : index.search(query(cache, ecosystem, here, request.pageNumber()));
        return found.filter(all -> !plain)
                .map(all -> narrowed(cache, ecosystem, here, request, all))
                .orElseGet(() -> all(cache, ecosystem, here, request, found));
    }

    /**
     * Returns the facet counts of the whole registry. They are cached until the index changes, because counting takes longer than
     * the rest of the page.
     */
    private Optional<PackageSearchResult> counted(Cache cache, String ecosystem) {
        var as = index.state().revision();
        var registry = new Registry(cache.id(), ecosystem);
        var last = Optional.ofNullable(kept.getIfPresent(registry)).filter(all -> !as.isEmpty() && all.as.equals(as));
        if (last.isPresent()) {
            return last.map(Counted::matches);
        }
        var only = List.of(new Filter(Facet.ECOSYSTEM, ecosystem));
        var found = index.search(new SearchQuery("", Set.of(cache.id()), only, SearchQuery.Order.NAME, 1));
        found.ifPresent(all -> kept.put(registry, new Counted(all, as)));
        return found;
    }

    private record Registry(long cacheId, String ecosystem) {}

    /** @param as revision of the index before the query, so the result is at least that new */
    private record Counted(PackageSearchResult matches, String as) {}

    /** Returns the matching packages, newest release first; empty if the index does not answer. */
    public Optional<List<Hit>> newest(Cache cache, String ecosystem, SearchAddress here) {
        var visible = List.of(cache);
        return index.search(query(cache, ecosystem, here.newestFirst(), 1))
                .map(found -> found.hits().stream()
                        .map(match -> lines.hit(match, visible))
                        .toList());
    }

    private static SearchQuery query(Cache cache, String ecosystem, SearchAddress here, int page) {
        var chosen = here.chosen().entrySet().stream().map(e -> new Filter(e.getKey(), e.getValue()));
        var registry = Stream.of(new Filter(Facet.ECOSYSTEM, ecosystem));
        return new SearchQuery(
                "", Set.of(cache.id()), Stream.concat(registry, chosen).toList(), here.order(), page);
    }

    private ListingView narrowed(
            Cache cache, String ecosystem, SearchAddress here, PageRequest request, PackageSearchResult found) {
        var visible = List.of(cache);
        return new ListingView(
                cache.name(),
                ecosystems.name(ecosystem),
                here.sorted(),
                SearchPageBuilder.pages(found, here, request.pageNumber()),
                found.hits().stream().map(match -> lines.hit(match, visible)).toList(),
                filters.counted(here, visible, found),
                here.unfiltered().toString(),
                ViewMapper.state(index.state(), true));
    }

    /** Returns the unfiltered list from the catalog. Filters need the index; the page says so if it is unavailable. */
    private ListingView all(
            Cache cache,
            String ecosystem,
            SearchAddress given,
            PageRequest request,
            Optional<PackageSearchResult> found) {
        var here = given.unfiltered();
        var sort = sort(here.order()).orElse(Sort.NAME);
        var page = packages.list(cache.id(), ecosystem, sort, request.pageNumber());
        return new ListingView(
                cache.name(),
                ecosystems.name(ecosystem),
                here.sorted(),
                ViewMapper.pages(page, here.toString()),
                lines.hits(page.items()),
                found.map(all -> filters.counted(here, List.of(cache), all)).orElse(List.of()),
                here.toString(),
                ViewMapper.state(index.state(), found.isPresent()));
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
