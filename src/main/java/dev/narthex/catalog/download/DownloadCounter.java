package dev.narthex.catalog.download;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts downloads in memory. {@link #write} adds the counts to the database in one batch, so a download causes no write. A crash
 * loses at most the counts since the last write. Counts of replicas add up.
 */
@ApplicationScoped
public class DownloadCounter {
    /** Maximum number of different files counted between two writes; downloads of further files are not counted. */
    static final int MAX_PENDING = 10_000;

    private final DownloadRows rows;
    private final ConcurrentHashMap<DownloadEvent, Long> counts = new ConcurrentHashMap<>();

    DownloadCounter(DownloadRows rows) {
        this.rows = rows;
    }

    /** Counts a download of an artifact by a registry client. */
    public void file(long artifactId) {
        add(new DownloadEvent.File(today(), artifactId), 1);
    }

    /** Counts a download of a NAR by a nix client. */
    public void nar(long cacheId, long narId) {
        add(new DownloadEvent.Nar(today(), cacheId, narId), 1);
    }

    /** Writes the counts since the last call. If that fails, they are kept for the next call. */
    public void write() {
        var counts = drain();
        if (counts.isEmpty()) {
            return;
        }
        try {
            QuarkusTransaction.requiringNew().run(() -> rows.add(counts));
        } catch (RuntimeException e) {
            counts.forEach(this::add);
            throw e;
        }
    }

    static LocalDate today() {
        return LocalDate.now(ZoneOffset.UTC);
    }

    private void add(DownloadEvent event, long n) {
        if (counts.size() < MAX_PENDING || counts.containsKey(event)) {
            counts.merge(event, n, Long::sum);
        }
    }

    /** Removes and returns all counts; concurrent downloads start new ones. */
    private Map<DownloadEvent, Long> drain() {
        var taken = new HashMap<DownloadEvent, Long>();
        for (var event : new ArrayList<>(counts.keySet())) {
            var n = counts.remove(event);
            if (n != null) {
                taken.put(event, n);
            }
        }
        return taken;
    }
}
