package dev.narthex.retention;

import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.spi.Job;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Removes the content of a deleted cache in batches, each in its own transaction, so that a retry continues with what is left.
 * The store's sweep later deletes bytes that no other cache of the dedup domain references.
 */
@ApplicationScoped
public class CacheRemovalJob implements Job {
    static final String KIND = "remove-cache";

    private final CacheDeletion deletion;

    CacheRemovalJob(CacheDeletion deletion) {
        this.deletion = deletion;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean patient() {
        return true;
    }

    /** @param key id of a cache whose undelete period is over; the job removes no data of any other cache */
    @Override
    public void run(String key) {
        long cache = Long.parseLong(key);
        boolean more = true;
        while (more) {
            more = QuarkusTransaction.requiringNew().call(() -> deletion.removeSome(cache));
        }
        Log.infof("removed cache %s", key);
    }
}
