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
import dev.narthex.web.page.Ecosystems;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.FilterableList.Group;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Pagination;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.SearchView.Fewer;
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
    private final DirectLookup pasted;
    private final DidYouMean near;
    private final Packages packages;
    private final Paths paths;
    private final Ecosystems ecosystems;
    private final ViewMapper lines;

    SearchPageBuilder(
            PackageSearchIndex index,
            SearchFilters filters,
            DirectLookup pasted,
            DidYouMean near,
            Packages packages,
            Paths paths,
            Ecosystems ecosystems,
            ViewMapper lines) {
        this.index = index;
        this.filters = filters;
        this.pasted = pasted;
        this.near = near;
        this.packages = packages;
        this.paths = paths;
        this.ecosystems = ecosystems;
        this.lines = lines;
    }

    public PageResult search(List<Cache> visible, PageRequest asked) {
        return pasted.page(visible, asked.text("q"))
                .<PageResult>map(url -> new PageResult.Moved(303, url))
                .orElseGet(() -> new PageResult.Shown(view(visible, asked)));
    }

    /** Returns the matching packages, newest release first; empty if the index does not answer. */
    public Optional<List<Hit>> newest(List<Cache> visible, SearchAddress given) {
        var here = known(given, visible).newestFirst();
        return index.search(query(here, visible, searched(here, visible), 1))
                .map(found -> found.hits().stream()
                        .map(match -> lines.hit(match, visible))
                        .toList());
    }

    private SearchView view(List<Cache> visible, PageRequest asked) {
        var here = known(SearchAddress.search(asked), visible);
        var searched = searched(here, visible);
        var found = here.text().isEmpty() && here.chosen().isEmpty()
                ? new Found(Pagination.of(0, 1, SIZE, here.toString()), List.of(), List.of(), List.of(), false, true)
                : indexed(here, visible, searched, asked).orElseGet(() -> byName(here, visible, searched, asked));
        return new SearchView(
                here.text(),
                here.sorted(),
                found.pages,
                !found.nearly && found.hits.stream().limit(1).anyMatch(hit -> isExact(hit, here.text())),
                found.nearly,
                found.hits,
                found.hits.isEmpty() ? near.of(searched, here.text()) : List.of(),
                found.fewer,
                found.pages.page() == 1 ? storePaths(searched, here.text()) : List.of(),
                found.groups,
                here.unfiltered().toString(),
                ViewMapper.state(index.state(), found.answered));
    }

    private record Found(
            Pagination pages,
            List<Hit> hits,
            List<Group> groups,
            List<Fewer> fewer,
            boolean nearly,
            boolean answered) {}

    /** Removes filters for caches that the user may not see and for unknown ecosystems. */
    private SearchAddress known(SearchAddress given, List<Cache> visible) {
        var cache = given.chosen(Facet.CACHE);
        var there = visible.stream().anyMatch(c -> c.name().equals(cache)) ? given : given.with(Facet.CACHE, "");
        return ecosystems.find(there.chosen(Facet.ECOSYSTEM)).isPresent() ? there : there.with(Facet.ECOSYSTEM, "");
    }

    private static List<Cache> searched(SearchAddress here, List<Cache> visible) {
        var only = here.chosen(Facet.CACHE);
        return visible.stream()
                .filter(cache -> only.isEmpty() || cache.name().equals(only))
                .toList();
    }

    private Optional<Found> indexed(SearchAddress here, List<Cache> visible, List<Cache> searched, PageRequest asked) {
        var query = query(here, visible, searched, asked.pageNumber());
        var marking = Highlighter.of(here.text());
        return index.search(query)
                .map(found -> new Found(
                        pages(found, here, asked.pageNumber()),
                        found.hits().stream()
                                .map(match -> lines.hit(match, visible, marking))
                                .toList(),
                        filters.counted(here, visible, found),
                        found.total() == 0 ? fewer(here, found) : List.of(),
                        found.nearly() && found.total() > 0,
                        true));
    }

    private static SearchQuery query(SearchAddress here, List<Cache> visible, List<Cache> searched, int page) {
        var chosen = here.chosen().entrySet().stream()
                .map(e -> new Filter(
                        e.getKey(),
                        e.getKey() == Facet.CACHE
                                ? Long.toString(searched.getFirst().id())
                                : e.getValue()))
                .toList();
        return new SearchQuery(here.text(), Set.copyOf(ids(visible)), chosen, here.order(), page);
    }

    /** Returns the number of hits with one filter removed, most hits first, and with all filters removed. */
    private static List<Fewer> fewer(SearchAddress here, PackageSearchResult found) {
        var one = found.without().entrySet().stream()
                .map(e -> new Fewer(
                        SearchAddress.parameter(e.getKey()),
                        here.with(e.getKey(), "").toString(),
                        e.getValue()));
        var all = Stream.of(new Fewer("", here.unfiltered().toString(), found.unfiltered()));
        return Stream.concat(
                        one.sorted(Comparator.comparing(Fewer::count).reversed().thenComparing(Fewer::kind)),
                        here.chosen().size() > 1 ? all : Stream.of())
                .filter(fewer -> fewer.count() > 0)
                .toList();
    }

    private Found byName(SearchAddress here, List<Cache> visible, List<Cache> searched, PageRequest asked) {
        var ecosystem = Optional.of(here.chosen(Facet.ECOSYSTEM)).filter(id -> !id.isEmpty());
        var page = searched.isEmpty()
                ? new Page<PackageSummary>(List.of(), 0, 1, SIZE)
                : packages.search(ids(searched), ecosystem, here.text(), asked.pageNumber(), SIZE);
        return new Found(
                ViewMapper.pages(page, here.toString()),
                lines.hits(page.items()),
                filters.uncounted(here, visible),
                List.of(),
                false,
                false);
    }

    /** Finds store paths by name, including sources, scripts and others that are not packages. */
    private List<StoreItem> storePaths(List<Cache> searched, String text) {
        return searched.stream()
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
    static Pagination pages(PackageSearchResult found, SearchAddress here, int page) {
        if (found.hits().isEmpty() && page > 1) {
            throw new Problem.NotFound("page", here + ", number " + page).toException();
        }
        long most = (long) SearchQuery.LAST_PAGE * SearchQuery.PAGE_SIZE;
        return Pagination.of(Math.min(found.total(), most), page, SearchQuery.PAGE_SIZE, here.toString())
                .counting(found.total());
    }
}
