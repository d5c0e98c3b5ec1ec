package dev.narthex.ops.jobs;

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
import dev.narthex.db.Database;
import dev.narthex.ops.observe.TraceRecorder;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Job;
import dev.narthex.spi.JobQueue;
import dev.narthex.spi.Nightly;
import dev.narthex.store.upkeep.PackRepacker;
import dev.narthex.store.upkeep.StoreSweeper;
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
public class JobScheduler implements JobQueue {
    private static final int THREADS = 4;
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    /** The job of a killed process runs again after {@link #MAX_MISSED_HEARTBEATS} intervals without a heartbeat. */
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(5);

    private static final int MAX_MISSED_HEARTBEATS = 6;
    private static final Duration RETRY_DELAY = Duration.ofSeconds(10);
    private static final Duration REQUEUE_DELAY = Duration.ofSeconds(1);
    private static final LocalTime NIGHTLY_TIME = LocalTime.of(0, 10);
    private static final String REQUEUE = "again";
    public static final String SWEEP = "sweep";
    public static final String SCRUB = "scrub";

    private final AgroalDataSource database;
    private final Database sql;
    private final TransactionManager transactions;
    private final List<Job> jobs;
    private final Set<String> lowPriorityKinds;
    private final StoreSweeper sweep;
    private final ScrubJob scrubJob;
    private final PackRepacker repack;
    private final List<Nightly> nightlyJobs;
    private final TraceRecorder traceRecorder;
    private @Nullable Scheduler scheduler;

    JobScheduler(
            AgroalDataSource database,
            Database sql,
            TransactionManager transactions,
            @All List<Job> jobs,
            StoreSweeper sweep,
            ScrubJob scrubJob,
            PackRepacker repack,
            @All List<Nightly> nightlyJobs,
            TraceRecorder traceRecorder) {
        this.database = database;
        this.sql = sql;
        this.transactions = transactions;
        this.jobs = jobs;
        this.lowPriorityKinds =
                jobs.stream().filter(Job::patient).map(Job::kind).collect(Collectors.toSet());
        this.sweep = sweep;
        this.scrubJob = scrubJob;
        this.repack = repack;
        this.nightlyJobs = nightlyJobs;
        this.traceRecorder = traceRecorder;
    }

    void start(@Observes StartupEvent event) {
        var tasks = Stream.concat(jobs.stream().map(JobScheduler::toTask), Stream.of(requeueTask()));
        var newScheduler = Scheduler.create(
                        database, tasks.<Task<?>>map(task -> task).toList())
                .startTasks(recurringTasks())
                .threads(THREADS)
                .executorService(Executors.newVirtualThreadPerTaskExecutor())
                .addExecutionInterceptor(traceRecorder)
                .pollUsingLockAndFetch(0.5, 4.0)
                .enablePriority()
                .heartbeatInterval(HEARTBEAT_INTERVAL)
                .missedHeartbeatsLimit(MAX_MISSED_HEARTBEATS)
                .pollingInterval(POLL_INTERVAL)
                .serializer(new JobFailure())
                .build();
        newScheduler.start();
        scheduler = newScheduler;
    }

    void stop(@Observes ShutdownEvent event) {
        var running = scheduler;
        if (running != null) {
            running.stop();
        }
    }

    private static Task<String> toTask(Job job) {
        return Tasks.oneTime(job.kind(), String.class)
                .onFailure((completion, operations) -> {
                    int failures = completion.getExecution().consecutiveFailures + 1;
                    Log.warnf(
                            completion.getCause().orElse(null),
                            "job %s failed for the %d. time",
                            completion.getExecution().taskInstance,
                            failures);
                    var delay = RETRY_DELAY.multipliedBy(1L << Math.min(failures, 12));
                    operations.reschedule(completion, Instant.now().plus(delay), JobFailure.of(completion.getCause()));
                })
                .execute((instance, context) -> job.run(instance.getId()));
    }

    private RecurringTask<String> sweepTask() {
        return recurringTask(SWEEP, FixedDelay.of(Duration.ofMinutes(5)), sweep::run);
    }

    private RecurringTask<String> scrubTask() {
        return recurringTask(SCRUB, FixedDelay.of(Duration.ofMinutes(1)), scrubJob::run);
    }

    private RecurringTask<String> dailySweepTask() {
        return recurringTask("sweep-all", FixedDelay.of(Duration.ofDays(1)), () -> {
            sweep.runDaily();
            repack.run();
        });
    }

    private static RecurringTask<String> toTask(Nightly nightly) {
        return recurringTask(nightly.kind(), new Daily(ZoneOffset.UTC, NIGHTLY_TIME), nightly::run);
    }

    /** A recurring job that fails waits for its next scheduled time. */
    private static RecurringTask<String> recurringTask(String kind, Schedule schedule, Runnable work) {
        return Tasks.recurring(kind, schedule, String.class)
                .onFailure((completion, operations) -> {
                    Log.warnf(completion.getCause().orElse(null), "job %s failed", kind);
                    operations.reschedule(
                            completion,
                            schedule.getNextExecutionTime(completion),
                            JobFailure.of(completion.getCause()));
                })
                .execute((instance, context) -> work.run());
    }

    private List<RecurringTask<String>> recurringTasks() {
        return Stream.concat(
                        Stream.of(sweepTask(), dailySweepTask(), scrubTask()),
                        nightlyJobs.stream().map(JobScheduler::toTask))
                .toList();
    }

    @Override
    public void queue(String kind, String key) {
        var activeScheduler = requireScheduler();
        lockJob(kind, key);
        if (!tryScheduleNow(activeScheduler, kind, key)) {
            var requeueId = UUID.randomUUID() + " " + kind + " " + key;
            activeScheduler.scheduleIfNotExists(TaskDescriptor.of(REQUEUE)
                    .instance(requeueId)
                    .scheduledTo(Instant.now().plus(REQUEUE_DELAY)));
        }
        wakeAfterCommit(activeScheduler);
    }

    @Override
    public Set<String> findQueued(Collection<String> kinds, Collection<String> keys) {
        return sql
                .statement("""
                        select task_instance from scheduled_tasks
                        where task_name = any(cast(:kinds as text[])) and task_instance = any(cast(:keys as text[]))
                          and coalesce(consecutive_failures, 0) = 0""")
                .bind("kinds", kinds.toArray(String[]::new))
                .bind("keys", keys.toArray(String[]::new))
                .list()
                .stream()
                .map(row -> row.string("task_instance"))
                .collect(Collectors.toSet());
    }

    /**
     * Serializes transactions that queue the same job. Otherwise the second insert would violate the unique key, which aborts its
     * transaction.
     */
    private void lockJob(String kind, String key) {
        sql.statement(
                        "select 1 as one from (select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'job', :kind, :key), 0))) l")
                .bind("kind", kind)
                .bind("key", key)
                .list();
    }

    private Scheduler requireScheduler() {
        return Optional.ofNullable(scheduler).orElseThrow(() -> new IllegalStateException("not started"));
    }

    /**
     * Runs a waiting job now, once the caller's transaction commits.
     *
     * @throws dev.narthex.problem.ProblemException NotFound, or Conflict while it runs
     */
    public void runNow(String kind, String key) {
        var activeScheduler = requireScheduler();
        changeWaiting(kind, key, id -> activeScheduler.reschedule(id, Instant.now()));
        wakeAfterCommit(activeScheduler);
    }

    /** Runs a recurring job now, once the caller's transaction commits, unless it is running already. */
    public void runRecurringNow(String kind) {
        var activeScheduler = requireScheduler();
        try {
            activeScheduler.reschedule(TaskInstanceId.of(kind, RecurringTask.INSTANCE), Instant.now());
        } catch (TaskInstanceException e) {
            return;
        }
        wakeAfterCommit(activeScheduler);
    }

    /**
     * Removes a waiting job in the caller's transaction.
     *
     * @throws dev.narthex.problem.ProblemException NotFound, or Conflict while it runs
     */
    public void cancel(String kind, String key) {
        changeWaiting(kind, key, requireScheduler()::cancel);
    }

    private static void changeWaiting(String kind, String key, Consumer<TaskInstanceId> action) {
        try {
            action.accept(TaskInstanceId.of(kind, key));
        } catch (TaskInstanceNotFoundException e) {
            throw Problem.notFound("job", kind + " " + key);
        } catch (TaskInstanceCurrentlyExecutingException e) {
            throw Problem.conflict("Running", "The job " + kind + " " + key + " runs right now.");
        }
    }

    /**
     * Returns whether the job is due to run. False if it is running or just ended; that run may not have seen the caller's change.
     */
    private boolean tryScheduleNow(Scheduler activeScheduler, String kind, String key) {
        var instance = TaskDescriptor.of(kind, String.class)
                .instance(key)
                .priority(lowPriorityKinds.contains(kind) ? Priority.LOW : Priority.HIGH)
                .scheduledTo(Instant.now());
        try {
            return activeScheduler.scheduleIfNotExists(instance) || activeScheduler.reschedule(instance);
        } catch (TaskInstanceException e) {
            return false;
        }
    }

    /** Queues a job again that was running when it was requested. */
    private Task<Void> requeueTask() {
        return Tasks.oneTime(REQUEUE).execute((instance, context) -> {
            var parts = instance.getId().split(" ", 3);
            queue(parts[1], parts[2]);
        });
    }

    /** Other replicas find the job by polling, within half a second; this one is woken immediately. */
    private void wakeAfterCommit(Scheduler activeScheduler) {
        try {
            if (transactions.getStatus() == Status.STATUS_ACTIVE) {
                transactions.getTransaction().registerSynchronization(new Synchronization() {
                    @Override
                    public void beforeCompletion() {}

                    @Override
                    public void afterCompletion(int status) {
                        activeScheduler.triggerCheckForDueExecutions();
                    }
                });
            }
        } catch (SystemException | RollbackException e) {
            throw new IllegalStateException("no transaction to queue the job in", e);
        }
    }
}
