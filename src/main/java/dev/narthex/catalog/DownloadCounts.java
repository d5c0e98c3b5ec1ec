package dev.narthex.catalog;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts downloads in memory; {@link #write} adds them to the days of their releases, all at once. So a download costs no
 * write, a crash loses at most what was counted since the last one, and replicas add up.
 */
@ApplicationScoped
public class DownloadCounts {
    /** More different things than these are not fetched between two writes; what comes on top is not counted. */
    static final int MOST = 10_000;

    private final DownloadRows rows;
    private final ConcurrentHashMap<Fetched, Long> counts = new ConcurrentHashMap<>();

    DownloadCounts(DownloadRows rows) {
        this.rows = rows;
    }

    /** A client of a registry took this artifact. */
    public void file(long artifactId) {
        add(new Fetched.File(today(), artifactId), 1);
    }

    /** A nix client took this NAR out of a cache. */
    public void nar(long cacheId, long narId) {
        add(new Fetched.Nar(today(), cacheId, narId), 1);
    }

    /** Writes what was counted since the last time; all of it is kept for the next time if that fails. */
    public void write() {
        var taken = take();
        if (taken.isEmpty()) {
            return;
        }
        try {
            QuarkusTransaction.requiringNew().run(() -> rows.add(taken));
        } catch (RuntimeException e) {
            taken.forEach(this::add);
            throw e;
        }
    }

    static LocalDate today() {
        return LocalDate.now(ZoneOffset.UTC);
    }

    private void add(Fetched what, long n) {
        if (counts.size() < MOST || counts.containsKey(what)) {
            counts.merge(what, n, Long::sum);
        }
    }

    /** Takes each count whole: what is fetched meanwhile begins a new one. */
    private Map<Fetched, Long> take() {
        var taken = new HashMap<Fetched, Long>();
        for (var what : new ArrayList<>(counts.keySet())) {
            var n = counts.remove(what);
            if (n != null) {
                taken.put(what, n);
            }
        }
        return taken;
    }
}
