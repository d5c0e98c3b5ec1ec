package dev.narthex.retention;

import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.Nightly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;

/** Nightly job that queues the removal of deleted caches whose undelete period is over. */
@ApplicationScoped
public class DeletedCacheReaper implements Nightly {
    private final CacheDeletion deletion;
    private final JobQueue jobs;
    private final AuditLog audit;

    DeletedCacheReaper(CacheDeletion deletion, JobQueue jobs, AuditLog audit) {
        this.deletion = deletion;
        this.jobs = jobs;
        this.audit = audit;
    }

    @Override
    public String kind() {
        return "leaving-caches";
    }

    @Override
    @Transactional
    public void run() {
        for (var cache : deletion.claimExpired()) {
            jobs.queue(CacheRemovalJob.KIND, Long.toString(cache.id()));
            audit.recordDone(
                    new AuditEvent(Optional.of(cache.id()), cache.name(), Action.DESTROY.toString(), "remove all"),
                    "narthex");
        }
    }
}
