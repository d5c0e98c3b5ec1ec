package dev.narthex.tenant;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.spi.Jobs;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;

/** Queues a collection that an owner requests, without waiting for the night. */
@ApplicationScoped
public class CollectionOrders {
    private final Access access;
    private final Audit audit;
    private final Jobs jobs;

    CollectionOrders(Access access, Audit audit, Jobs jobs) {
        this.access = access;
        this.audit = audit;
        this.jobs = jobs;
    }

    /** Queues a collection. Further requests before it starts have no effect. */
    public void order(String cacheName) {
        var cache = access.require(Action.CONFIGURE, cacheName);
        QuarkusTransaction.requiringNew().run(() -> {
            jobs.queue(CollectionJob.KIND, CollectionJob.key(cache.id(), access.principal()));
            audit.done(Act.in(cache, Action.CONFIGURE, "collect"));
        });
    }
}
