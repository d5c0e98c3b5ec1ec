package dev.narthex.spi;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds caches by name, without any permission check. Only the code that decides about access and the startup code use it. */
public interface CacheLookup {
    /** Finds a cache that is not deleted. */
    Optional<Cache> find(String name);

    /** Finds a cache, even if it is deleted but still restorable. */
    Optional<NamedCache> findNamed(String name);

    /** @param deleted whether the cache is deleted: hidden from everyone, but restorable */
    record NamedCache(Cache cache, boolean deleted) {}

    /** Lists caches by name. */
    List<Cache> list(int limit);

    /**
     * Lists the caches with these ids and all public caches, by name. The caches in {@code privateIds} come first if the limit cuts the
     * list.
     */
    List<Cache> listReadable(Collection<Long> privateIds, int limit);
}
