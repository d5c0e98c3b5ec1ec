package dev.narthex.ops;

import dev.narthex.access.TokenUses;
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

/**
 * Writes download counts and last uses of tokens to the database, periodically and at shutdown. Both are collected in memory of
 * this process.
 */
@Singleton
class UseWriting {
    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

    private final DownloadCounts counts;
    private final TokenUses tokens;
    private final Duration interval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    UseWriting(
            DownloadCounts counts,
            TokenUses tokens,
            @ConfigProperty(name = "narthex.downloads.written-every", defaultValue = "30s") Duration interval) {
        this.counts = counts;
        this.tokens = tokens;
        this.interval = interval;
        this.thread = Thread.ofPlatform().name("uses").daemon().unstarted(this::work);
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
            write("downloads", counts::write);
            write("uses of tokens", tokens::write);
        }
    }

    private static void write(String what, Runnable writing) {
        try {
            writing.run();
        } catch (RuntimeException e) {
            Log.warnf("%s cannot be written now, trying again: %s", what, e.getMessage());
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
