package dev.narthex.web;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.Sort;
import dev.narthex.search.Facet;
import dev.narthex.search.Index;
import dev.narthex.search.Matches;
import dev.narthex.search.Query;
import dev.narthex.search.Query.Filter;
import dev.narthex.spi.Cache;
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
class ListingViews {
    private static final int KEPT = 200;

    private final com.github.benmanes.caffeine.cache.Cache<Registry, Counted> kept =
            Caffeine.newBuilder().maximumSize(KEPT).build();
    private final Index index;
    private final SearchFilters filters;
    private final Packages packages;
    private final Ecosystems ecosystems;
    private final Lines lines;

    ListingViews(Index index, SearchFilters filters, Packages packages, Ecosystems ecosystems, Lines lines) {
        this.index = index;
        this.filters = filters;
        this.packages = packages;
        this.ecosystems = ecosystems;
        this.lines = lines;
    }

    ListingView listing(Cache cache, String asked, Asked request) {
        var ecosystem = ecosystems.require(asked).id();
        var here = SearchAddress.listing(request, Urls.listing(cache.name(), ecosystem));
        boolean plain = here.chosen().isEmpty() && here.order() == Query.Order.NAME;
        var found = plain ? counted(cache, ecosystem) : index.search(query(cache, ecosystem, here, request.number()));
        return found.filter(all -> !plain)
                .map(all -> narrowed(cache, ecosystem, here, request, all))
                .orElseGet(() -> all(cache, ecosystem, here, request, found));
    }

    /**
     * Returns the facet counts of the whole registry. They are cached until the index changes, because counting takes longer than
     * the rest of the page.
     */
    private Optional<Matches> counted(Cache cache, String ecosystem) {
        var as = index.state().revision();
        var registry = new Registry(cache.id(), ecosystem);
        var last = Optional.ofNullable(kept.getIfPresent(registry)).filter(all -> !as.isEmpty() && all.as.equals(as));
        if (last.isPresent()) {
            return last.map(Counted::matches);
        }
        var only = List.of(new Filter(Facet.ECOSYSTEM, ecosystem));
        var found = index.search(new Query("", Set.of(cache.id()), only, Query.Order.NAME, 1));
        found.ifPresent(all -> kept.put(registry, new Counted(all, as)));
        return found;
    }

    private record Registry(long cacheId, String ecosystem) {}

    /** @param as revision of the index before the query, so the result is at least that new */
    private record Counted(Matches matches, String as) {}

    /** Returns the matching packages, newest release first; empty if the index does not answer. */
    Optional<List<Hit>> newest(Cache cache, String ecosystem, SearchAddress here) {
        var visible = List.of(cache);
        return index.search(query(cache, ecosystem, here.newestFirst(), 1))
                .map(found -> found.hits().stream()
                        .map(match -> lines.hit(match, visible))
                        .toList());
    }

    private static Query query(Cache cache, String ecosystem, SearchAddress here, int page) {
        var chosen = here.chosen().entrySet().stream().map(e -> new Filter(e.getKey(), e.getValue()));
        var registry = Stream.of(new Filter(Facet.ECOSYSTEM, ecosystem));
        return new Query("", Set.of(cache.id()), Stream.concat(registry, chosen).toList(), here.order(), page);
    }

    private ListingView narrowed(Cache cache, String ecosystem, SearchAddress here, Asked request, Matches found) {
        var visible = List.of(cache);
        return new ListingView(
                cache.name(),
                ecosystems.name(ecosystem),
                here.sorted(),
                SearchViews.pages(found, here, request.number()),
                found.hits().stream().map(match -> lines.hit(match, visible)).toList(),
                filters.counted(here, visible, found),
                here.unfiltered().toString(),
                Lines.state(index.state(), true));
    }

    /** Returns the unfiltered list from the catalog. Filters need the index; the page says so if it is unavailable. */
    private ListingView all(
            Cache cache, String ecosystem, SearchAddress given, Asked request, Optional<Matches> found) {
        var here = given.unfiltered();
        var sort = sort(here.order()).orElse(Sort.NAME);
        var page = packages.list(cache.id(), ecosystem, sort, request.number());
        return new ListingView(
                cache.name(),
                ecosystems.name(ecosystem),
                here.sorted(),
                Lines.pages(page, here.toString()),
                lines.hits(page.items()),
                found.map(all -> filters.counted(here, List.of(cache), all)).orElse(List.of()),
                here.toString(),
                Lines.state(index.state(), found.isPresent()));
    }

    private static Optional<Sort> sort(Query.Order order) {
        return switch (order) {
            case NAME -> Optional.of(Sort.NAME);
            case DEPENDENTS -> Optional.of(Sort.DEPENDENTS);
            case UPDATED -> Optional.of(Sort.NEWEST);
            case BEST, DOWNLOADS -> Optional.empty();
        };
    }
}
