package dev.narthex.ops;

import dev.narthex.catalog.DownloadCounts;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Writes this process's counts of downloads now and then, and when it stops. */
@Singleton
class DownloadWriting {
    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

    private final DownloadCounts counts;
    private final Duration interval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    DownloadWriting(
            DownloadCounts counts,
            @ConfigProperty(name = "narthex.downloads.written-every", defaultValue = "30s") Duration interval) {
        this.counts = counts;
        this.interval = interval;
        this.thread = Thread.ofPlatform().name("downloads").daemon().unstarted(this::work);
    }

    void start(@Observes StartupEvent ready) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent end) throws InterruptedException {
        stopped.countDown();
        thread.join(LONGEST_STOP);
    }

    private void work() {
        boolean last = false;
        while (!last) {
            last = awaitStop();
            try {
                counts.write();
            } catch (RuntimeException e) {
                Log.warnf("downloads cannot be counted now, trying again: %s", e.getMessage());
            }
        }
    }

    private boolean awaitStop() {
        try {
            return stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
