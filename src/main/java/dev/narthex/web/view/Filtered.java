package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A list of packages that can be narrowed. */
public interface Filtered {
    List<Group> groups();

    IndexState index();

    /** The same list without any filter. */
    String clearUrl();

    default List<Filter> used() {
        return groups().stream()
                .flatMap(group -> group.filters.stream())
                .filter(Filter::used)
                .toList();
    }

    /**
     * Choices of one kind.
     *
     * @param kind "ecosystem", "cache", "license", "system", "trust" or "keyword"
     * @param more how many are not listed
     * @param moreUrl of the same list with all of them listed
     */
    record Group(String kind, List<Filter> filters, int more, String moreUrl) {}

    /**
     * One choice.
     *
     * @param kind as of its group
     * @param value as in the address
     * @param url of the list with this choice made, or unmade if it is in use
     * @param count hits that it leaves; empty if that is not known
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
     * @param answered else only names were looked at, in the catalog
     * @param building whether a new index is being made; what answers meanwhile is as of {@code asOf}
     * @param done packages that are in the new one
     * @param total packages that it will have; 0 if none is being built
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
