package dev.narthex.search;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The result of a search.
 *
 * @param hits of the requested page, in order
 * @param facets values and their hit counts, most frequent first; each facet is counted under the filters of the other facets
 * @param without by the facet of each active filter, the number of hits without that filter
 * @param unfiltered number of hits without any filter; counted only if there are none with filters
 * @param nearly whether nothing matched as typed, and the hits allow one typo per word
 */
public record PackageSearchResult(
        long total,
        List<SearchHit> hits,
        Map<Facet, List<FacetValue>> facets,
        Map<Facet, Long> without,
        long unfiltered,
        boolean nearly) {
    static final PackageSearchResult NONE = new PackageSearchResult(0, List.of(), Map.of(), Map.of(), 0, false);

    public PackageSearchResult {
        hits = List.copyOf(hits);
        facets = Map.copyOf(facets);
        without = Map.copyOf(without);
    }

    public record FacetValue(String value, long count) {}

    public List<FacetValue> of(Facet facet) {
        return Optional.ofNullable(facets.get(facet)).orElse(List.of());
    }

    PackageSearchResult asFuzzy() {
        return new PackageSearchResult(total, hits, facets, without, unfiltered, true);
    }
}
