package dev.narthex.tenant;

import dev.narthex.catalog.Deletion;
import dev.narthex.spi.Job;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Removes what a cache held, each batch in a transaction of its own: begun again, it goes on with what is left. Bytes that no
 * other cache of the domain has are collected by the store's sweep afterwards.
 */
@ApplicationScoped
public class Removal implements Job {
    static final String KIND = "remove-cache";

    private final Deletion deletion;

    Removal(Deletion deletion) {
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

    /** @param key id of a cache that cannot come back; of another one nothing is removed */
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
