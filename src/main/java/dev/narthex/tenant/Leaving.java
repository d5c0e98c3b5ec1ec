package dev.narthex.tenant;

import dev.narthex.access.Action;
import dev.narthex.access.Audit;
import dev.narthex.access.Audit.Act;
import dev.narthex.catalog.Deletion;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.Nightly;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;

/** Nightly job that queues the removal of deleted caches whose undelete period is over. */
@ApplicationScoped
public class Leaving implements Nightly {
    private final Deletion deletion;
    private final Jobs jobs;
    private final Audit audit;

    Leaving(Deletion deletion, Jobs jobs, Audit audit) {
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
        for (var cache : deletion.due()) {
            jobs.queue(Removal.KIND, Long.toString(cache.id()));
            audit.done(
                    new Act(Optional.of(cache.id()), cache.name(), Action.DESTROY.toString(), "remove all"), "narthex");
        }
    }
}
