package dev.narthex.search;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found.
 *
 * @param hits of the page that was asked for, in order
 * @param facets values with the number of hits that choosing them would leave, most first; each facet is counted under the
 *     filters of the others
 * @param without by the facet of a filter in use, how many there would be if it were dropped
 * @param unfiltered how many there would be without any filter; told only if there is none
 * @param nearly whether nothing matched as typed, and these match but for one letter a word
 */
public record Matches(
        long total,
        List<Match> hits,
        Map<Facet, List<Choice>> facets,
        Map<Facet, Long> without,
        long unfiltered,
        boolean nearly) {
    static final Matches NONE = new Matches(0, List.of(), Map.of(), Map.of(), 0, false);

    public Matches {
        hits = List.copyOf(hits);
        facets = Map.copyOf(facets);
        without = Map.copyOf(without);
    }

    public record Choice(String value, long count) {}

    public List<Choice> of(Facet facet) {
        return Optional.ofNullable(facets.get(facet)).orElse(List.of());
    }

    Matches asNearly() {
        return new Matches(total, hits, facets, without, unfiltered, true);
    }
}
