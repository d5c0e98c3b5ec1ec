package dev.narthex.retention;

import dev.narthex.spi.JobQueue;
import dev.narthex.spi.Nightly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;

/** Nightly job that queues a collection for each cache with a retention policy or expired pins. */
@ApplicationScoped
public class NightlyGc implements Nightly {
    private final GcRuns runs;
    private final JobQueue jobs;

    NightlyGc(GcRuns runs, JobQueue jobs) {
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
        for (var cache : runs.listDueCaches()) {
            jobs.queue(CacheGcJob.KIND, CacheGcJob.key(cache, ""));
        }
    }
}
