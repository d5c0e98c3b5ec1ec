package dev.narthex.search;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What a reader looks for.
 *
 * @param text as typed; empty finds everything
 * @param caches ids of the caches that the reader may see; nothing outside of them is found or counted
 * @param filters all of them must hold
 * @param page from 1
 */
public record Query(String text, Set<Long> caches, List<Filter> filters, Order order, int page) {
    public static final int PAGE_SIZE = 20;

    /** Whoever wants more than this narrows the search. */
    public static final int LAST_PAGE = 50;

    public Query {
        caches = Set.copyOf(caches);
        filters = List.copyOf(filters);
    }

    public static Query of(String text, Collection<Long> caches) {
        return new Query(text, Set.copyOf(caches), List.of(), Order.BEST, 1);
    }

    public enum Order {
        BEST,
        DEPENDENTS,
        DOWNLOADS,
        UPDATED,
        NAME
    }

    /** A choice among the values of a facet; of a cache the value is its id. */
    public record Filter(Facet facet, String value) {}
}
