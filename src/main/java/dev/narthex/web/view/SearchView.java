package dev.narthex.web.view;

import java.util.List;

/**
 * Packages that match.
 *
 * @param sort "best", "dependents", "downloads", "updated" or "name"
 * @param exact whether the first hit has the very name that was asked for
 * @param nearly whether nothing matches as typed, and the hits match but for a letter
 * @param near packages with a similar name, if there is no hit
 * @param fewer what dropping filters would bring, if there is no hit
 * @param paths store paths whose name begins so, on the first page
 * @param groups what can be narrowed
 * @param index whether the index answered
 */
public record SearchView(
        String query,
        String sort,
        Pages pages,
        boolean exact,
        boolean nearly,
        List<Hit> hits,
        List<Hit> near,
        List<Fewer> fewer,
        List<StoreItem> paths,
        List<Group> groups,
        String clearUrl,
        IndexState index)
        implements View, Filtered {
    /**
     * The same search with fewer filters.
     *
     * @param kind of the filter that is dropped; empty for all of them
     */
    public record Fewer(String kind, String url, long count) {}
}
