package dev.narthex.vault.imports;

import dev.narthex.nix.PublicKey;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.CacheLookup;
import dev.narthex.spi.Job;
import dev.narthex.spi.JobQueue;
import dev.narthex.vault.imports.PathImport.ImportContext;
import dev.narthex.vault.imports.RetryPolicy.StoppedException;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;

/**
 * Job that runs imports. All state is in rows, so the job runs for a while and queues itself again. Other jobs get their turn, a
 * restart continues where the process stopped, and two processes that accidentally run the same import only do some work twice.
 */
@Singleton
public class ImportJob implements Job {
    public static final String KIND = "import";

    private static final Duration TURN = Duration.ofSeconds(20);
    /** The import stops after this many consecutive paths for which the source does not respond. */
    private static final int HOPELESS = 20;

    private static final int BEFORE_JOBS_STOP = 100;

    private final CacheLookup caches;
    private final Imports imports;
    private final ImportPaths importPaths;
    private final PathImport paths;
    private final JobQueue jobs;
    private final VaultConfig config;
    private final CountDownLatch stop = new CountDownLatch(1);

    ImportJob(
            CacheLookup caches,
            Imports imports,
            ImportPaths importPaths,
            PathImport paths,
            JobQueue jobs,
            VaultConfig config) {
        this.caches = caches;
        this.imports = imports;
        this.importPaths = importPaths;
        this.paths = paths;
        this.jobs = jobs;
        this.config = config;
    }

    public static String key(Cache cache, ImportRun run) {
        return cache.name() + "/" + run.id();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean patient() {
        return true;
    }

    void stop(@Observes @Priority(BEFORE_JOBS_STOP) ShutdownEvent end) {
        stop.countDown();
    }

    @Override
    public void run(String key) {
        int slash = key.indexOf('/');
        caches.find(key.substring(0, slash))
                .ifPresent(cache -> imports.find(cache.id(), Long.parseLong(key.substring(slash + 1)))
                        .filter(ImportRun::running)
                        .ifPresent(run -> work(cache, run)));
    }

    private void work(Cache cache, ImportRun run) {
        var context = new ImportContext(
                cache,
                run,
                new RemoteCache(SourceUrl.parse(run.source()), run.privateAddresses(), config),
                new RetryPolicy(config.attempts(), stop),
                run.trustedKeys().stream().map(PublicKey::parse).toList());
        try {
            if (run.listing()) {
                list(context);
            }
            if (runTurn(context) && finish(context)) {
                return;
            }
        } catch (StoppedException e) {
            // Continues at the next start.
        } catch (ProblemException e) {
            stop(context, e.problem().detail());
        } catch (IOException e) {
            stop(context, "The source does not answer: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        QuarkusTransaction.requiringNew().run(() -> jobs.queue(KIND, key(cache, run)));
    }

    private void list(ImportContext context) throws IOException {
        context.patience().with(() -> {
            SourceListing.read(
                    context.source(),
                    some -> QuarkusTransaction.requiringNew().run(() -> importPaths.addWanted(context.run(), some)));
            return true;
        });
        QuarkusTransaction.requiringNew().run(() -> imports.markListed(context.run()));
    }

    /** Runs steps for a limited time. Returns whether nothing is left to do. */
    private boolean runTurn(ImportContext context) throws IOException, InterruptedException {
        long end = System.nanoTime() + TURN.toNanos();
        var busy = new HashSet<String>();
        int failures = 0;
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var steps = new ExecutorCompletionService<Step>(workers);
            while (true) {
                boolean more = System.nanoTime() < end && failures < HOPELESS;
                if (more) {
                    feed(context, steps, busy);
                }
                if (busy.isEmpty()) {
                    if (failures >= HOPELESS) {
                        throw new IOException("nothing of " + failures + " paths could be read.");
                    }
                    return more;
                }
                var step = result(steps);
                busy.remove(step.hashPart());
                failures = step.responded() ? 0 : failures + 1;
            }
        }
    }

    private record Step(String hashPart, boolean responded) {}

    private void feed(ImportContext context, CompletionService<Step> steps, HashSet<String> busy) {
        int free = config.connections() - busy.size();
        if (free > 0) {
            for (var next : importPaths.next(context.run(), free, busy)) {
                busy.add(next.hashPart());
                steps.submit(() -> new Step(next.hashPart(), paths.importNext(context, next)));
            }
        }
    }

    private static Step result(CompletionService<Step> steps) throws IOException, InterruptedException {
        try {
            return steps.take().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoppedException stopped) {
                throw stopped;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Returns whether the import is finished. */
    private boolean finish(ImportContext context) {
        boolean done = QuarkusTransaction.requiringNew().call(() -> {
            importPaths.finishCycles(context.run());
            return imports.finish(context.run());
        });
        if (done) {
            Log.infof(
                    "imported %s into %s",
                    context.run().source(), context.cache().name());
        }
        return done;
    }

    private void stop(ImportContext context, String why) {
        Log.warnf(
                "import of %s into %s stopped: %s",
                context.run().source(), context.cache().name(), why);
        QuarkusTransaction.requiringNew().run(() -> imports.stop(context.run(), why));
    }
}
