package dev.narthex.spi;

import java.util.Collection;
import java.util.Set;

/** The job queue. A job is queued in the caller's transaction: it runs if and only if that commits, and at least once. */
public interface JobQueue {
    /** Kind of the job that writes a snapshot of the database into the store. */
    String SNAPSHOT = "snapshot";

    /** Key of the snapshot job that also replaces all older snapshots, because they contain purged data. */
    String REPLACE = "replace";

    /**
     * @param kind kind of the {@link Job} to run
     * @param key passed to the job; a key that is queued twice before it runs, runs once
     */
    void queue(String kind, String key);

    /**
     * Returns those of the given keys that have a waiting or running job of one of these kinds; failed jobs do not count. One
     * indexed query.
     */
    Set<String> findQueued(Collection<String> kinds, Collection<String> keys);
}
