package dev.narthex.web.view;

import java.util.List;

/**
 * All packages of one ecosystem in a cache.
 *
 * @param sort "name", "dependents", "downloads" or "newest"
 * @param groups available filters; empty without a search index
 */
public record ListingView(
        String cache,
        EcosystemName ecosystem,
        String sort,
        Pagination pages,
        List<Hit> hits,
        List<Group> groups,
        String clearUrl,
        IndexState index)
        implements View, FilterableList {}
