package dev.narthex.spi;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Caches by name. Whoever asks has no right yet: only the decision point and the start-up use it. */
public interface Caches {
    /** Deleted ones are not found. */
    Optional<Cache> find(String name);

    /** The same, and those that were deleted and can come back. */
    Optional<Named> named(String name);

    /** @param deleted not there for anybody, but not forgotten */
    record Named(Cache cache, boolean deleted) {}

    /** By name. */
    List<Cache> list(int limit);

    /** Those of these ids and those that everyone may read, by name. If there are more than the limit, others fall out first. */
    List<Cache> readable(Collection<Long> also, int limit);
}
