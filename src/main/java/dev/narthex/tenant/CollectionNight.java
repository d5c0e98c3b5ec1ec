package dev.narthex.tenant;

import dev.narthex.catalog.CollectionRuns;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.Nightly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;

/** Each night all caches are collected that do not keep everything for ever, or have pins that end. */
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
