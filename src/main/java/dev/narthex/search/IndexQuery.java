package dev.narthex.search;

import dev.narthex.search.SearchQuery.Filter;
import dev.narthex.spi.PackageIndex;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.hibernate.search.engine.search.aggregation.AggregationKey;
import org.hibernate.search.engine.search.predicate.SearchPredicate;
import org.hibernate.search.engine.search.query.SearchResult;
import org.hibernate.search.engine.search.sort.SearchSort;
import org.hibernate.search.mapper.pojo.standalone.scope.SearchScope;
import org.hibernate.search.mapper.pojo.standalone.session.SearchSession;

/** Runs one search against an open index. */
final class IndexQuery {
    private static final int CHOICES = 50;
    private static final int SECONDS = 5;

    private final SearchSession session;
    private final SearchScope<PackageDocument> scope;
    private final RelevanceClauses clauses;

    IndexQuery(SearchSession session, RelevanceClauses clauses) {
        this.session = session;
        this.scope = session.scope(PackageDocument.class);
        this.clauses = clauses;
    }

    /**
     * Searches with typos allowed only if nothing matches as typed. If matches exist and the filters exclude them all, the result
     * is empty instead, and {@link PackageSearchResult#unfiltered} counts them.
     */
    PackageSearchResult matches(SearchQuery query) {
        var parsedQuery = ParsedQuery.of(query.text());
        if (parsedQuery.isEmpty() && !query.text().isBlank()) {
            return PackageSearchResult.NONE;
        }
        var result = matches(query, clauses.typed(parsedQuery));
        return result.total() > 0
                        || result.unfiltered() > 0
                        || parsedQuery.words().isEmpty()
                ? result
                : matches(query, clauses.fuzzy(parsedQuery)).asFuzzy();
    }

    /** Finds names that match as typed, without the page limit of {@link SearchQuery}. */
    PackageIndex.NameMatches names(SearchQuery query, int from, int size) {
        var parsedQuery = ParsedQuery.of(query.text());
        if (parsedQuery.isEmpty() && !query.text().isBlank()) {
            return new PackageIndex.NameMatches(List.of(), 0);
        }
        var result = session.search(scope)
                .select(f -> f.field("normalized", String.class))
                .where(f -> {
                    var bool = f.bool().must(clauses.typed(parsedQuery)).filter(clauses.visible(query.caches()));
                    query.filters().forEach(filter -> bool.filter(clauses.filter(filter)));
                    return bool;
                })
                .sort(order(query.order()))
                .failAfter(SECONDS, TimeUnit.SECONDS)
                .fetch(from, size);
        return new PackageIndex.NameMatches(result.hits(), result.total().hitCount());
    }

    /**
     * Suggests packages. Names that start with the text usually fill the list; the slower query for later parts of names runs
     * only if they do not.
     */
    List<SearchHit> suggest(String text, Collection<Long> caches, int limit) {
        var whole = topHits(clauses.namePrefix(text), caches, limit);
        return whole.size() == limit ? whole : topHits(clauses.prefix(text), caches, limit);
    }

    List<SearchHit> topHits(SearchPredicate predicate, Collection<Long> caches, int limit) {
        return session.search(scope)
                .select(SearchHit.class)
                .where(f -> f.bool().must(predicate).filter(clauses.visible(caches)))
                .sort(order(SearchQuery.Order.BEST))
                .failAfter(SECONDS, TimeUnit.SECONDS)
                .fetchHits(limit);
    }

    private PackageSearchResult matches(SearchQuery query, SearchPredicate predicate) {
        var used = new LinkedHashSet<Facet>();
        query.filters().forEach(filter -> used.add(filter.facet()));
        var free = Arrays.stream(Facet.values())
                .filter(facet -> !used.contains(facet))
                .toList();
        var result = fetch(query, predicate, query.filters(), free, SearchQuery.PAGE_SIZE);
        Map<Facet, List<PackageSearchResult.FacetValue>> facets = new EnumMap<>(Facet.class);
        free.forEach(facet -> facets.put(facet, facetValues(result, facet)));
        Map<Facet, Long> without = new EnumMap<>(Facet.class);
        for (var facet : used) {
            var otherFilters =
                    query.filters().stream().filter(f -> f.facet() != facet).toList();
            var more = fetch(query, predicate, otherFilters, List.of(facet), 0);
            facets.put(facet, facetValues(more, facet));
            without.put(facet, more.total().hitCount());
        }
        long total = result.total().hitCount();
        return new PackageSearchResult(
                total, result.hits(), facets, without, total > 0 ? 0 : unfiltered(query, predicate, without), false);
    }

    private long unfiltered(SearchQuery query, SearchPredicate predicate, Map<Facet, Long> without) {
        return switch (query.filters().size()) {
            case 0 -> 0;
            case 1 -> without.values().iterator().next();
            default -> fetch(query, predicate, List.of(), List.of(), 0).total().hitCount();
        };
    }

    private SearchResult<SearchHit> fetch(
            SearchQuery query, SearchPredicate predicate, List<Filter> filters, List<Facet> facets, int limit) {
        var asked = session.search(scope)
                .select(SearchHit.class)
                .where(f -> {
                    var bool = f.bool().must(predicate).filter(clauses.visible(query.caches()));
                    filters.forEach(filter -> bool.filter(clauses.filter(filter)));
                    return bool;
                })
                .sort(order(query.order()))
                .failAfter(SECONDS, TimeUnit.SECONDS);
        for (var facet : facets) {
            asked.aggregation(
                    key(facet),
                    f -> f.terms()
                            .field(facet.field, String.class)
                            .orderByCountDescending()
                            .maxTermCount(CHOICES));
        }
        return limit == 0 ? asked.fetch(0) : asked.fetch((query.page() - 1) * limit, limit);
    }

    private static List<PackageSearchResult.FacetValue> facetValues(SearchResult<SearchHit> result, Facet facet) {
        return result.aggregation(key(facet)).entrySet().stream()
                .map(entry -> new PackageSearchResult.FacetValue(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static AggregationKey<Map<String, Long>> key(Facet facet) {
        return AggregationKey.of(facet.name());
    }

    /**
     * Returns the sort order. Ties are broken by dependents, then name, then index order, so that paging neither skips nor
     * repeats a hit.
     */
    private SearchSort order(SearchQuery.Order order) {
        var f = scope.sort();
        var first = switch (order) {
            case BEST -> f.score().desc();
            case DEPENDENTS -> f.field("dependents").desc();
            case DOWNLOADS -> f.field("downloads").desc();
            case UPDATED -> f.field("updated").desc();
            case NAME -> f.field("folded").asc();
        };
        return f.composite()
                .add(first)
                .add(f.field("dependents").desc())
                .add(f.field("folded").asc())
                .add(f.indexOrder())
                .toSort();
    }
}
