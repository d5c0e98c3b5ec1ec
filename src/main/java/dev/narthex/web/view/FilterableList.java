package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A list of packages with filters. */
public interface FilterableList {
    List<Group> groups();

    IndexState index();

    /** Returns the URL of the list without filters. */
    String clearUrl();

    default List<Filter> used() {
        return groups().stream()
                .flatMap(group -> group.filters.stream())
                .filter(Filter::used)
                .toList();
    }

    /**
     * Filters of one kind.
     *
     * @param kind "ecosystem", "cache", "license", "system", "trust" or "keyword"
     * @param more number of filters that are not listed
     * @param moreUrl URL of the page with all filters of this kind
     */
    record Group(String kind, List<Filter> filters, int more, String moreUrl) {}

    /**
     * One filter.
     *
     * @param kind kind of its group
     * @param value value in the URL
     * @param url URL of the list with this filter toggled
     * @param count number of hits with this filter; empty if unknown
     */
    record Filter(String kind, String value, String label, String url, boolean used, Optional<Long> count) {
        public boolean counted() {
            return count.isPresent();
        }

        public long number() {
            return count.orElse(0L);
        }
    }

    /**
     * State of the search index.
     *
     * @param answered whether the index answered; if false, only names were searched, in the catalog
     * @param building whether a new index is being built; results are then as of {@code asOf}
     * @param done packages already in the new index
     * @param total packages that the new index will contain; 0 if none is being built
     */
    record IndexState(boolean answered, boolean building, long done, long total, Optional<Instant> asOf) {
        public boolean stale() {
            return asOf.isPresent();
        }

        public Instant since() {
            return asOf.orElseThrow();
        }
    }
}
