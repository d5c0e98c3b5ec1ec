package dev.narthex.retention;

import dev.narthex.spi.Job;
import jakarta.enterprise.context.ApplicationScoped;

/** Garbage-collects one cache, at night or on an owner's request. A retry continues with what is left. */
@ApplicationScoped
public class CacheGcJob implements Job {
    static final String KIND = "collect-cache";

    private final CacheGc gc;
    private final GcRuns runs;

    CacheGcJob(CacheGc gc, GcRuns runs) {
        this.gc = gc;
        this.runs = runs;
    }

    /** @param by name of the principal who requested the collection; empty for the nightly one */
    static String key(long cacheId, String by) {
        return by.isEmpty() ? Long.toString(cacheId) : cacheId + " " + by;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean patient() {
        return true;
    }

    @Override
    public void run(String key) {
        var parts = key.split(" ", 2);
        long id = Long.parseLong(parts[0]);
        runs.cache(id).ifPresent(name -> gc.collect(id, name, parts.length > 1 ? parts[1] : ""));
    }
}
