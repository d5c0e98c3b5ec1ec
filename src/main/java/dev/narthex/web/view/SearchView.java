package dev.narthex.web.view;

import java.util.List;
import java.util.Optional;

/**
 * Packages that match.
 *
 * @param sort "best", "dependents", "updated" or "name"
 * @param exact whether the first hit has the very name that was asked for
 * @param nearly whether nothing matches as typed, and the hits match but for a letter
 * @param near packages with a similar name, if there is no hit
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
        List<StoreItem> paths,
        List<Group> groups,
        IndexState index)
        implements View {
    /**
     * Choices of one kind.
     *
     * @param kind "ecosystem", "cache", "license", "system" or "trust"
     * @param more how many are not listed
     * @param moreUrl of the same search with all of them listed
     */
    public record Group(String kind, List<Filter> filters, int more, String moreUrl) {}

    /**
     * One choice.
     *
     * @param kind as of its group
     * @param value as in the address
     * @param url of the search with this choice made, or unmade if it is in use
     * @param count hits that it leaves; empty if that is not known
     */
    public record Filter(String kind, String value, String label, String url, boolean used, Optional<Long> count) {
        public boolean counted() {
            return count.isPresent();
        }

        public long number() {
            return count.orElse(0L);
        }
    }

    /**
     * @param answered else only names were looked at, in the catalog
     * @param done packages that are in the index being built
     * @param total packages that it will have; 0 if none is being built
     */
    public record IndexState(boolean answered, long done, long total) {}

    public List<Filter> used() {
        return groups.stream()
                .flatMap(group -> group.filters.stream())
                .filter(Filter::used)
                .toList();
    }
}
