package dev.narthex.ops.jobs;

import dev.narthex.access.TokenLastUse;
import dev.narthex.catalog.download.DownloadCounter;
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
class UsageFlush {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private final DownloadCounter downloadCounter;
    private final TokenLastUse tokenLastUse;
    private final Duration interval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    UsageFlush(
            DownloadCounter downloadCounter,
            TokenLastUse tokenLastUse,
            @ConfigProperty(name = "narthex.downloads.written-every", defaultValue = "30s") Duration interval) {
        this.downloadCounter = downloadCounter;
        this.tokenLastUse = tokenLastUse;
        this.interval = interval;
        this.thread = Thread.ofPlatform().name("uses").daemon().unstarted(this::runLoop);
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopped.countDown();
        thread.join(STOP_TIMEOUT);
    }

    private void runLoop() {
        boolean last = false;
        while (!last) {
            last = awaitStop();
            tryWrite("downloads", downloadCounter::write);
            tryWrite("uses of tokens", tokenLastUse::write);
        }
    }

    private static void tryWrite(String label, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            Log.warnf("%s cannot be written now, trying again: %s", label, e.getMessage());
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
