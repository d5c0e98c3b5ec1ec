package dev.narthex.tenant;

import dev.narthex.catalog.CollectionRuns;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.Nightly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;

/** Nightly job that queues a collection for each cache with a retention policy or expired pins. */
@ApplicationScoped
public class CollectionNight implements Nightly {
    private final CollectionRuns runs;
    private final Jobs jobs;

    CollectionNight(CollectionRuns runs, Jobs jobs) {
        this.runs = runs;
        this.jobs = jobs;
    }

    @Override
    public String kind() {
        return "collect-caches";
    }

    @Override
    @Transactional
    public void run() {
        for (var cache : runs.due()) {
            jobs.queue(CollectionJob.KIND, CollectionJob.key(cache, ""));
        }
    }
}
