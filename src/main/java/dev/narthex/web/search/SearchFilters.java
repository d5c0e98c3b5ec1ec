package dev.narthex.web.search;

import dev.narthex.catalog.cache.Caches;
import dev.narthex.search.Facet;
import dev.narthex.search.PackageSearchResult;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.Ecosystems;
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

    private final Caches caches;
    private final Ecosystems ecosystems;

    SearchFilters(Caches caches, Ecosystems ecosystems) {
        this.caches = caches;
        this.ecosystems = ecosystems;
    }

    List<Group> counted(SearchAddress here, List<Cache> visible, PackageSearchResult found) {
        return here.facets().stream()
                .map(facet -> group(here, facet, filters(here, visible, facet, found.of(facet))))
                .filter(group -> !group.filters().isEmpty())
                .toList();
    }

    /**
     * Returns filters without counts, for when the index is unavailable. The name search then supports only filters by registry
     * and cache.
     */
    List<Group> uncounted(SearchAddress here, List<Cache> visible) {
        var stocked = stocked(visible);
        var registries = ecosystems.names().stream()
                .filter(name -> stocked.contains(name.id())
                        || here.chosen(Facet.ECOSYSTEM).equals(name.id()))
                .map(name -> filter(here, Facet.ECOSYSTEM, name.id(), name.title(), Optional.empty()))
                .toList();
        var caches = visible.stream()
                .map(cache -> filter(here, Facet.CACHE, cache.name(), cache.name(), Optional.empty()))
                .toList();
        return List.of(group(here, Facet.ECOSYSTEM, registries), group(here, Facet.CACHE, caches));
    }

    /** Returns the ecosystems that have packages. Only the first {@link #CACHES_COUNTED} caches are examined. */
    private Set<String> stocked(List<Cache> visible) {
        return visible.stream()
                .limit(CACHES_COUNTED)
                .flatMap(cache -> caches.counts(cache.id()).packagesByEcosystem().keySet().stream())
                .collect(Collectors.toSet());
    }

    private List<Filter> filters(
            SearchAddress here, List<Cache> visible, Facet facet, List<PackageSearchResult.Choice> choices) {
        var filters = new ArrayList<Filter>();
        for (var choice : choices) {
            var value = facet == Facet.CACHE ? cacheName(visible, choice.value()) : choice.value();
            var label = facet == Facet.ECOSYSTEM ? ecosystems.name(value).title() : value;
            filters.add(filter(here, facet, value, label, Optional.of(choice.count())));
        }
        var chosen = here.chosen(facet);
        if (!chosen.isEmpty() && filters.stream().noneMatch(Filter::used)) {
            var label = facet == Facet.ECOSYSTEM ? ecosystems.name(chosen).title() : chosen;
            filters.add(filter(here, facet, chosen, label, Optional.of(0L)));
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

    private static Filter filter(SearchAddress here, Facet facet, String value, String label, Optional<Long> count) {
        boolean used = here.chosen(facet).equals(value);
        var there = here.with(facet, used ? "" : value);
        return new Filter(SearchAddress.parameter(facet), value, label, there.toString(), used, count);
    }

    /** Returns the most frequent filters, plus the active one if it is not among them, and the number of those left out. */
    private static Group group(SearchAddress here, Facet facet, List<Filter> filters) {
        var kind = SearchAddress.parameter(facet);
        if (here.all().equals(kind)) {
            return new Group(kind, filters, 0, "");
        }
        var shown = new ArrayList<>(filters.subList(0, Math.min(SHOWN, filters.size())));
        filters.stream().skip(SHOWN).filter(Filter::used).forEach(shown::add);
        return new Group(
                kind, shown, filters.size() - shown.size(), here.withAll(facet).toString());
    }
}
