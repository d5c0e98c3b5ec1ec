package dev.narthex.ops;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceCurrentlyExecutingException;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceException;
import com.github.kagkarlsson.scheduler.exceptions.TaskInstanceNotFoundException;
import com.github.kagkarlsson.scheduler.task.Priority;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.TaskInstanceId;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Daily;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Job;
import dev.narthex.spi.Jobs;
import dev.narthex.spi.Nightly;
import dev.narthex.sql.Sql;
import dev.narthex.store.Repack;
import dev.narthex.store.Sweep;
import io.agroal.api.AgroalDataSource;
import io.quarkus.arc.All;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The job queue in the database, shared by all replicas. A job is inserted by the transaction that requests it, so it exists if and
 * only if that commits. Failed jobs are retried with growing delays.
 */
@ApplicationScoped
class DbJobs implements Jobs {
    private static final int THREADS = 4;
    private static final Duration POLL = Duration.ofMillis(500);
    /** The job of a killed process runs again after {@link #MISSED_HEARTBEATS} intervals without a heartbeat. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private static final int MISSED_HEARTBEATS = 6;
    private static final Duration RETRY = Duration.ofSeconds(10);
    private static final Duration AFTER_THIS_RUN = Duration.ofSeconds(1);
    private static final LocalTime AFTER_MIDNIGHT = LocalTime.of(0, 10);
    private static final String AGAIN = "again";
    static final String SWEEP = "sweep";
    static final String SCRUB = "scrub";

    private final AgroalDataSource database;
    private final Sql sql;
    private final TransactionManager transactions;
    private final List<Job> kinds;
    private final Set<String> patient;
    private final Sweep sweep;
    private final Scrubbing scrub;
    private final Repack repack;
    private final List<Nightly> nights;
    private final Traces traces;
    private @Nullable Scheduler scheduler;

    DbJobs(
            AgroalDataSource database,
            Sql sql,
            TransactionManager transactions,
            @All List<Job> kinds,
            Sweep sweep,
            Scrubbing scrub,
            Repack repack,
            @All List<Nightly> nights,
            Traces traces) {
        this.database = database;
        this.sql = sql;
        this.transactions = transactions;
        this.kinds = kinds;
        this.patient = kinds.stream().filter(Job::patient).map(Job::kind).collect(Collectors.toSet());
        this.sweep = sweep;
        this.scrub = scrub;
        this.repack = repack;
        this.nights = nights;
        this.traces = traces;
    }

    void start(@Observes StartupEvent ready) {
        var tasks = Stream.concat(kinds.stream().map(DbJobs::task), Stream.of(again()));
        var started = Scheduler.create(
                        database, tasks.<Task<?>>map(task -> task).toList())
                .startTasks(recurring())
                .threads(THREADS)
                .executorService(Executors.newVirtualThreadPerTaskExecutor())
                .addExecutionInterceptor(traces)
                .pollUsingLockAndFetch(0.5, 4.0)
                .enablePriority()
                .heartbeatInterval(HEARTBEAT)
                .missedHeartbeatsLimit(MISSED_HEARTBEATS)
                .pollingInterval(POLL)
                .serializer(new Reason())
                .build();
        started.start();
        scheduler = started;
    }

    void stop(@Observes ShutdownEvent end) {
        var running = scheduler;
        if (running != null) {
            running.stop();
        }
    }

    private static Task<String> task(Job job) {
        return Tasks.oneTime(job.kind(), String.class)
                .onFailure((complete, operations) -> {
                    int failures = complete.getExecution().consecutiveFailures + 1;
                    Log.warnf(
                            complete.getCause().orElse(null),
                            "job %s failed for the %d. time",
                            complete.getExecution().taskInstance,
                            failures);
                    var wait = RETRY.multipliedBy(1L << Math.min(failures, 12));
                    operations.reschedule(complete, Instant.now().plus(wait), Reason.of(complete.getCause()));
                })
                .execute((instance, context) -> job.run(instance.getId()));
    }

    private RecurringTask<String> sweeping() {
        return regular(SWEEP, FixedDelay.of(Duration.ofMinutes(5)), sweep::run);
    }

    private RecurringTask<String> scrubbing() {
        return regular(SCRUB, FixedDelay.of(Duration.ofMinutes(1)), scrub::run);
    }

    private RecurringTask<String> sweepingSeldom() {
        return regular("sweep-all", FixedDelay.of(Duration.ofDays(1)), () -> {
            sweep.runSeldom();
            repack.run();
        });
    }

    private static RecurringTask<String> task(Nightly night) {
        return regular(night.kind(), new Daily(ZoneOffset.UTC, AFTER_MIDNIGHT), night::run);
    }

    /** A recurring job that fails waits for its next scheduled time. */
    private static RecurringTask<String> regular(String kind, Schedule when, Runnable work) {
        return Tasks.recurring(kind, when, String.class)
                .onFailure((complete, operations) -> {
                    Log.warnf(complete.getCause().orElse(null), "job %s failed", kind);
                    operations.reschedule(
                            complete, when.getNextExecutionTime(complete), Reason.of(complete.getCause()));
                })
                .execute((instance, context) -> work.run());
    }

    private List<RecurringTask<String>> recurring() {
        return Stream.concat(
                        Stream.of(sweeping(), sweepingSeldom(), scrubbing()),
                        nights.stream().map(DbJobs::task))
                .toList();
    }

    @Override
    public void queue(String kind, String key) {
        var queue = started();
        await(kind, key);
        if (!due(queue, kind, key)) {
            var later = UUID.randomUUID() + " " + kind + " " + key;
            queue.scheduleIfNotExists(TaskDescriptor.of(AGAIN)
                    .instance(later)
                    .scheduledTo(Instant.now().plus(AFTER_THIS_RUN)));
        }
        wakeAfterCommit(queue);
    }

    @Override
    public Set<String> queued(Collection<String> kinds, Collection<String> keys) {
        return sql
                .rows("""
                        select task_instance from scheduled_tasks
                        where task_name = any(cast(:kinds as text[])) and task_instance = any(cast(:keys as text[]))
                          and coalesce(consecutive_failures, 0) = 0""", Map.of("kinds", kinds.toArray(String[]::new), "keys", keys.toArray(String[]::new)))
                .stream()
                .map(row -> row.text("task_instance"))
                .collect(Collectors.toSet());
    }

    /**
     * Serializes transactions that queue the same job. Otherwise the second insert would violate the unique key, which aborts its
     * transaction.
     */
    private void await(String kind, String key) {
        sql.rows(
                "select 1 as one from (select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'job', :kind, :key), 0))) l",
                Map.of("kind", kind, "key", key));
    }

    private Scheduler started() {
        return Optional.ofNullable(scheduler).orElseThrow(() -> new IllegalStateException("not started"));
    }

    /**
     * Runs a waiting job now, once the caller's transaction commits.
     *
     * @throws dev.narthex.problem.ProblemException NotFound, or Conflict while it runs
     */
    void hasten(String kind, String key) {
        var queue = started();
        waiting(kind, key, id -> queue.reschedule(id, Instant.now()));
        wakeAfterCommit(queue);
    }

    /** Runs a recurring job now, once the caller's transaction commits, unless it is running already. */
    void nudge(String kind) {
        var queue = started();
        try {
            queue.reschedule(TaskInstanceId.of(kind, RecurringTask.INSTANCE), Instant.now());
        } catch (TaskInstanceException e) {
            return;
        }
        wakeAfterCommit(queue);
    }

    /**
     * Removes a waiting job in the caller's transaction.
     *
     * @throws dev.narthex.problem.ProblemException NotFound, or Conflict while it runs
     */
    void cancel(String kind, String key) {
        waiting(kind, key, started()::cancel);
    }

    private static void waiting(String kind, String key, Consumer<TaskInstanceId> act) {
        try {
            act.accept(TaskInstanceId.of(kind, key));
        } catch (TaskInstanceNotFoundException e) {
            throw new Problem.NotFound("job", kind + " " + key).asException();
        } catch (TaskInstanceCurrentlyExecutingException e) {
            throw new Problem.Conflict("Running", "The job " + kind + " " + key + " runs right now.").asException();
        }
    }

    /**
     * Returns whether the job is due to run. False if it is running or just ended; that run may not have seen the caller's change.
     */
    private boolean due(Scheduler queue, String kind, String key) {
        var instance = TaskDescriptor.of(kind, String.class)
                .instance(key)
                .priority(patient.contains(kind) ? Priority.LOW : Priority.HIGH)
                .scheduledTo(Instant.now());
        try {
            return queue.scheduleIfNotExists(instance) || queue.reschedule(instance);
        } catch (TaskInstanceException e) {
            return false;
        }
    }

    /** Queues a job again that was running when it was requested. */
    private Task<Void> again() {
        return Tasks.oneTime(AGAIN).execute((instance, context) -> {
            var parts = instance.getId().split(" ", 3);
            queue(parts[1], parts[2]);
        });
    }

    /** Other replicas find the job by polling, within half a second; this one is woken immediately. */
    private void wakeAfterCommit(Scheduler queue) {
        try {
            if (transactions.getStatus() == Status.STATUS_ACTIVE) {
                transactions.getTransaction().registerSynchronization(new Synchronization() {
                    @Override
                    public void beforeCompletion() {}

                    @Override
                    public void afterCompletion(int status) {
                        queue.triggerCheckForDueExecutions();
                    }
                });
            }
        } catch (SystemException | RollbackException e) {
            throw new IllegalStateException("no transaction to queue the job in", e);
        }
    }
}
