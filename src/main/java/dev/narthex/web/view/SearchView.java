package dev.narthex.web.view;

import java.util.List;

/**
 * Packages by name.
 *
 * @param cache name of the only cache searched, or empty
 * @param ecosystem id of the only ecosystem searched, or empty
 * @param exact whether the first hit has the very name that was asked for
 * @param near packages with a similar name, if none has this one
 * @param paths store paths whose name begins so, on the first page
 * @param filters what can be narrowed, with its addresses
 */
public record SearchView(
        String query,
        String cache,
        String ecosystem,
        Pages pages,
        boolean exact,
        List<Hit> hits,
        List<Hit> near,
        List<StoreItem> paths,
        List<Filter> filters)
        implements View {
    /**
     * One choice.
     *
     * @param kind "ecosystem" or "cache"
     * @param url of the search with this choice made, or unmade if it is in use
     */
    public record Filter(String kind, String label, String url, boolean used) {}

    public List<Filter> used() {
        return filters.stream().filter(Filter::used).toList();
    }

    public List<Filter> of(String kind) {
        return filters.stream().filter(f -> f.kind.equals(kind)).toList();
    }
}
