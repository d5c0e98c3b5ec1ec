package dev.narthex.web.view;

import java.util.List;

/**
 * Search results.
 *
 * @param sort "best", "dependents", "downloads", "updated" or "name"
 * @param exact whether the first hit has exactly the searched name
 * @param nearly whether there were no exact matches and the hits differ by one letter
 * @param near packages with a similar name, if there are no hits
 * @param fewer hits without some of the filters, if there are no hits
 * @param paths on the first page, store paths whose name starts with the query
 * @param groups available filters
 * @param index whether the search index answered
 */
public record SearchView(
        String query,
        String sort,
        Pagination pages,
        boolean exact,
        boolean nearly,
        List<Hit> hits,
        List<Hit> near,
        List<BroaderSearch> fewer,
        List<StoreItem> paths,
        List<Group> groups,
        String clearUrl,
        IndexState index)
        implements View, FilterableList {
    /**
     * The same search with fewer filters.
     *
     * @param kind kind of the removed filter; empty if all are removed
     */
    public record BroaderSearch(String kind, String url, long count) {}
}
