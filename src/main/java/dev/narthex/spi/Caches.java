package dev.narthex.spi;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Caches by name. Whoever asks has no right yet: only the decision point and the start-up use it. */
public interface Caches {
    Optional<Cache> find(String name);

    /** By name. */
    List<Cache> list(int limit);

    /** Those that everyone may read and those of these ids, by name. */
    List<Cache> readable(Collection<Long> also, int limit);
}
