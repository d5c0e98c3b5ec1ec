package dev.narthex.web.search;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.search.Facet;
import dev.narthex.search.PackageSearchResult;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.view.FilterableList.Filter;
import dev.narthex.web.view.FilterableList.Group;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Builds the filters of a search or listing, as links. */
@ApplicationScoped
class SearchFilters {
    private static final int SHOWN = 8;

    private static final int CACHES_COUNTED = 5;

    private final CacheCatalog caches;
    private final InstalledEcosystems ecosystems;

    SearchFilters(CacheCatalog caches, InstalledEcosystems ecosystems) {
        this.caches = caches;
        this.ecosystems = ecosystems;
    }

    List<Group> withCounts(SearchAddress address, List<Cache> visible, PackageSearchResult result) {
        return address.facets().stream()
                .map(facet -> group(address, facet, filters(address, visible, facet, result.of(facet))))
                .filter(group -> !group.filters().isEmpty())
                .toList();
    }

    /**
     * Returns filters without counts, for when the index is unavailable. The name search then supports only filters by registry
     * and cache.
     */
    List<Group> withoutCounts(SearchAddress address, List<Cache> visible) {
        var stocked = nonEmptyEcosystems(visible);
        var registries = ecosystems.names().stream()
                .filter(name -> stocked.contains(name.id())
                        || address.chosen(Facet.ECOSYSTEM).equals(name.id()))
                .map(name -> filter(address, Facet.ECOSYSTEM, name.id(), name.title(), Optional.empty()))
                .toList();
        var caches = visible.stream()
                .map(cache -> filter(address, Facet.CACHE, cache.name(), cache.name(), Optional.empty()))
                .toList();
        return List.of(group(address, Facet.ECOSYSTEM, registries), group(address, Facet.CACHE, caches));
    }

    /** Returns the ecosystems that have packages. Only the first {@link #CACHES_COUNTED} caches are examined. */
    private Set<String> nonEmptyEcosystems(List<Cache> visible) {
        return visible.stream()
                .limit(CACHES_COUNTED)
                .flatMap(cache -> caches.counts(cache.id()).packagesByEcosystem().keySet().stream())
                .collect(Collectors.toSet());
    }

    private List<Filter> filters(
            SearchAddress address, List<Cache> visible, Facet facet, List<PackageSearchResult.FacetValue> choices) {
        var filters = new ArrayList<Filter>();
        for (var choice : choices) {
            var value = facet == Facet.CACHE ? cacheName(visible, choice.value()) : choice.value();
            var label = facet == Facet.ECOSYSTEM ? ecosystems.name(value).title() : value;
            filters.add(filter(address, facet, value, label, Optional.of(choice.count())));
        }
        var chosen = address.chosen(facet);
        if (!chosen.isEmpty() && filters.stream().noneMatch(Filter::used)) {
            var label = facet == Facet.ECOSYSTEM ? ecosystems.name(chosen).title() : chosen;
            filters.add(filter(address, facet, chosen, label, Optional.of(0L)));
        }
        return filters;
    }

    private static String cacheName(List<Cache> visible, String id) {
        return visible.stream()
                .filter(cache -> Long.toString(cache.id()).equals(id))
                .map(Cache::name)
                .findFirst()
                .orElse(id);
    }

    private static Filter filter(SearchAddress address, Facet facet, String value, String label, Optional<Long> count) {
        boolean used = address.chosen(facet).equals(value);
        var target = address.with(facet, used ? "" : value);
        return new Filter(SearchAddress.parameter(facet), value, label, target.toString(), used, count);
    }

    /** Returns the most frequent filters, plus the active one if it is not among them, and the number of those left out. */
    private static Group group(SearchAddress address, Facet facet, List<Filter> filters) {
        var kind = SearchAddress.parameter(facet);
        if (address.all().equals(kind)) {
            return new Group(kind, filters, 0, "");
        }
        var shown = new ArrayList<>(filters.subList(0, Math.min(SHOWN, filters.size())));
        filters.stream().skip(SHOWN).filter(Filter::used).forEach(shown::add);
        return new Group(
                kind,
                shown,
                filters.size() - shown.size(),
                address.withAll(facet).toString());
    }
}
