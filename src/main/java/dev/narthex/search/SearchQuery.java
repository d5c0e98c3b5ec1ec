package dev.narthex.search;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A search request.
 *
 * @param text as typed; empty finds everything
 * @param caches ids of the caches that the reader may see; other caches are neither searched nor counted
 * @param filters all must match
 * @param page from 1 to {@link #LAST_PAGE}
 */
public record SearchQuery(String text, Set<Long> caches, List<Filter> filters, Order order, int page) {
    public static final int PAGE_SIZE = 20;

    /** Maximum page number; users with more hits need to narrow the search. */
    public static final int LAST_PAGE = 50;

    public SearchQuery {
        caches = Set.copyOf(caches);
        filters = List.copyOf(filters);
    }

    public static SearchQuery of(String text, Collection<Long> caches) {
        return new SearchQuery(text, Set.copyOf(caches), List.of(), Order.BEST, 1);
    }

    public enum Order {
        BEST,
        DEPENDENTS,
        DOWNLOADS,
        UPDATED,
        NAME
    }

    /** A selected facet value. For {@link Facet#CACHE}, the value is the id of the cache. */
    public record Filter(Facet facet, String value) {}
}
