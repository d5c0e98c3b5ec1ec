package dev.narthex.spi;

import java.util.Collection;
import java.util.Set;

/** Work for later. Queued in the caller's transaction: it is done if and only if that commits, and at least once. */
public interface Jobs {
    /** Kind of the job that writes the database into the store. */
    String SNAPSHOT = "snapshot";

    /** Its key if the new snapshot is to take the place of all older ones, since they hold what must not be anywhere any more. */
    String REPLACE = "replace";

    /**
     * @param kind of the {@link Job} that will run
     * @param key what it will be given; queued twice before it runs, it runs once
     */
    void queue(String kind, String key);

    /** Those of these keys with a job of these kinds that waits or runs, and has not failed. One indexed query. */
    Set<String> queued(Collection<String> kinds, Collection<String> keys);
}
