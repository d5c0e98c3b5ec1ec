package dev.narthex.web.search;

import dev.narthex.catalog.Page;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.PackageSummary;
import dev.narthex.catalog.release.Packages;
import dev.narthex.problem.Problem;
import dev.narthex.search.Facet;
import dev.narthex.search.Highlighter;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.PackageSearchResult;
import dev.narthex.search.SearchQuery;
import dev.narthex.search.SearchQuery.Filter;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.FilterableList.Group;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Pagination;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.SearchView.BroaderSearch;
import dev.narthex.web.view.StoreItem;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Builds search results from the index or, without one, by a name search in the catalog. A text that identifies a single page
 * redirects to it.
 */
@ApplicationScoped
public class SearchPageBuilder {
    private static final int SIZE = SearchQuery.PAGE_SIZE;
    private static final int PATHS = 10;
    private static final int CACHES_SEARCHED = 5;

    private final PackageSearchIndex index;
    private final SearchFilters filters;
    private final DirectLookup directLookup;
    private final DidYouMean didYouMean;
    private final Packages packages;
    private final Paths paths;
    private final InstalledEcosystems ecosystems;
    private final ViewMapper mapper;

    SearchPageBuilder(
            PackageSearchIndex index,
            SearchFilters filters,
            DirectLookup directLookup,
            DidYouMean near,
            Packages packages,
            Paths paths,
            InstalledEcosystems ecosystems,
            ViewMapper mapper) {
        this.index = index;
        this.filters = filters;
        this.directLookup = directLookup;
        this.didYouMean = near;
        this.packages = packages;
        this.paths = paths;
        this.ecosystems = ecosystems;
        this.mapper = mapper;
    }

    public PageResult search(List<Cache> visible, PageRequest request) {
        return directLookup
                .page(visible, request.text("q"))
                .<PageResult>map(url -> new PageResult.Redirect(303, url))
                .orElseGet(() -> new PageResult.ViewResult(view(visible, request)));
    }

    /** Returns the matching packages, newest release first; empty if the index does not answer. */
    public Optional<List<Hit>> newest(List<Cache> visible, SearchAddress address) {
        var current = withoutUnknownFilters(address, visible).newestFirst();
        return index.search(query(current, visible, searchedCaches(current, visible), 1))
                .map(result -> result.hits().stream()
                        .map(match -> mapper.toHit(match, visible))
                        .toList());
    }

    private SearchView view(List<Cache> visible, PageRequest request) {
        var address = withoutUnknownFilters(SearchAddress.search(request), visible);
        var caches = searchedCaches(address, visible);
        var page = address.text().isEmpty() && address.chosen().isEmpty()
                ? new ResultPage(
                        Pagination.of(0, 1, SIZE, address.toString()), List.of(), List.of(), List.of(), false, true)
                : searchIndex(address, visible, caches, request)
                        .orElseGet(() -> byName(address, visible, caches, request));
        return new SearchView(
                address.text(),
                address.sorted(),
                page.pages,
                !page.nearly && page.hits.stream().limit(1).anyMatch(hit -> isExact(hit, address.text())),
                page.nearly,
                page.hits,
                page.hits.isEmpty() ? didYouMean.of(caches, address.text()) : List.of(),
                page.fewer,
                page.pages.page() == 1 ? storePaths(caches, address.text()) : List.of(),
                page.groups,
                address.unfiltered().toString(),
                ViewMapper.state(index.state(), page.available));
    }

    private record ResultPage(
            Pagination pages,
            List<Hit> hits,
            List<Group> groups,
            List<BroaderSearch> fewer,
            boolean nearly,
            boolean available) {}

    /** Removes filters for caches that the user may not see and for unknown ecosystems. */
    private SearchAddress withoutUnknownFilters(SearchAddress address, List<Cache> visible) {
        var cache = address.chosen(Facet.CACHE);
        var target = visible.stream().anyMatch(c -> c.name().equals(cache)) ? address : address.with(Facet.CACHE, "");
        return ecosystems.find(target.chosen(Facet.ECOSYSTEM)).isPresent() ? target : target.with(Facet.ECOSYSTEM, "");
    }

    private static List<Cache> searchedCaches(SearchAddress address, List<Cache> visible) {
        var only = address.chosen(Facet.CACHE);
        return visible.stream()
                .filter(cache -> only.isEmpty() || cache.name().equals(only))
                .toList();
    }

    private Optional<ResultPage> searchIndex(
            SearchAddress address, List<Cache> visible, List<Cache> caches, PageRequest request) {
        var query = query(address, visible, caches, request.pageNumber());
        var marking = Highlighter.of(address.text());
        return index.search(query)
                .map(result -> new ResultPage(
                        pages(result, address, request.pageNumber()),
                        result.hits().stream()
                                .map(match -> mapper.toHit(match, visible, marking))
                                .toList(),
                        filters.withCounts(address, visible, result),
                        result.total() == 0 ? broaderSearches(address, result) : List.of(),
                        result.nearly() && result.total() > 0,
                        true));
    }

    private static SearchQuery query(SearchAddress address, List<Cache> visible, List<Cache> caches, int page) {
        var chosen = address.chosen().entrySet().stream()
                .map(e -> new Filter(
                        e.getKey(),
                        e.getKey() == Facet.CACHE
                                ? Long.toString(caches.getFirst().id())
                                : e.getValue()))
                .toList();
        return new SearchQuery(address.text(), Set.copyOf(ids(visible)), chosen, address.order(), page);
    }

    /** Returns the number of hits with one filter removed, most hits first, and with all filters removed. */
    private static List<BroaderSearch> broaderSearches(SearchAddress address, PackageSearchResult result) {
        var search = result.without().entrySet().stream()
                .map(e -> new BroaderSearch(
                        SearchAddress.parameter(e.getKey()),
                        address.with(e.getKey(), "").toString(),
                        e.getValue()));
        var searches = Stream.of(new BroaderSearch("", address.unfiltered().toString(), result.unfiltered()));
        return Stream.concat(
                        search.sorted(Comparator.comparing(BroaderSearch::count)
                                .reversed()
                                .thenComparing(BroaderSearch::kind)),
                        address.chosen().size() > 1 ? searches : Stream.of())
                .filter(fewer -> fewer.count() > 0)
                .toList();
    }

    private ResultPage byName(SearchAddress address, List<Cache> visible, List<Cache> caches, PageRequest request) {
        var ecosystem = Optional.of(address.chosen(Facet.ECOSYSTEM)).filter(id -> !id.isEmpty());
        var page = caches.isEmpty()
                ? new Page<PackageSummary>(List.of(), 0, 1, SIZE)
                : packages.search(ids(caches), ecosystem, address.text(), request.pageNumber(), SIZE);
        return new ResultPage(
                ViewMapper.pages(page, address.toString()),
                mapper.hits(page.items()),
                filters.withoutCounts(address, visible),
                List.of(),
                false,
                false);
    }

    /** Finds store paths by name, including sources, scripts and others that are not packages. */
    private List<StoreItem> storePaths(List<Cache> caches, String text) {
        return caches.stream()
                .limit(text.isEmpty() ? 0 : CACHES_SEARCHED)
                .flatMap(cache -> paths.findByNamePrefix(cache.id(), text, PATHS).stream()
                        .filter(line -> !line.path().isDerivation())
                        .map(line -> ViewMapper.item(cache, line)))
                .limit(PATHS)
                .toList();
    }

    private boolean isExact(Hit hit, String text) {
        return ecosystems
                .find(hit.ecosystem().id())
                .filter(e -> e.normalize(text).equals(e.normalize(hit.name())))
                .isPresent();
    }

    private static List<Long> ids(List<Cache> caches) {
        return caches.stream().map(Cache::id).toList();
    }

    /** Returns the pages of a search result. Only the first hits can be paged through if there are more. */
    static Pagination pages(PackageSearchResult result, SearchAddress address, int page) {
        if (result.hits().isEmpty() && page > 1) {
            throw Problem.notFound("page", address + ", number " + page);
        }
        long max = (long) SearchQuery.LAST_PAGE * SearchQuery.PAGE_SIZE;
        return Pagination.of(Math.min(result.total(), max), page, SearchQuery.PAGE_SIZE, address.toString())
                .counting(result.total());
    }
}
