package dev.narthex.retention;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.AuditLog;
import dev.narthex.access.AuditLog.AuditEvent;
import dev.narthex.spi.JobQueue;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;

/** Queues a collection that an owner requests, without waiting for the night. */
@ApplicationScoped
public class GcRequests {
    private final Access access;
    private final AuditLog audit;
    private final JobQueue jobs;

    GcRequests(Access access, AuditLog audit, JobQueue jobs) {
        this.access = access;
        this.audit = audit;
        this.jobs = jobs;
    }

    /** Queues a collection. Further requests before it starts have no effect. */
    public void order(String cacheName) {
        var cache = access.require(Action.CONFIGURE, cacheName);
        QuarkusTransaction.requiringNew().run(() -> {
            jobs.queue(CacheGcJob.KIND, CacheGcJob.key(cache.id(), access.principal()));
            audit.recordDone(AuditEvent.ofCache(cache, Action.CONFIGURE, "collect"));
        });
    }
}
