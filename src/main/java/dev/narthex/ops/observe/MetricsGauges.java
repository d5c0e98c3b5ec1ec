package dev.narthex.ops.observe;

import dev.narthex.ops.snapshot.SnapshotJob;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.store.upkeep.PackStats;
import dev.narthex.store.upkeep.ScrubStats;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Registers metrics besides those of requests, the JVM and the connection pool. To add one, add a line to {@link #start}; a metric
 * that needs a query uses {@link CachedFigures}.
 */
@Singleton
class MetricsGauges {
    private static final Duration SLOW_INTERVAL = Duration.ofMinutes(5);
    private static final Duration FAST_INTERVAL = Duration.ofSeconds(15);

    private static final String JOBS = """
            select count(*) filter (where picked) as running,
              count(*) filter (where not picked and coalesce(consecutive_failures, 0) > 0) as failed,
              count(*) filter (where not picked and coalesce(consecutive_failures, 0) = 0) as waiting,
              coalesce(extract(epoch from now() - min(execution_time) filter (where not picked and execution_time <= now())), 0)
                as due_seconds
            from scheduled_tasks""";
    private static final String NARS = """
            select count(*) filter (where state = 'L') as live, count(*) filter (where state <> 'L') as damaged,
              coalesce(sum(nar_size), 0) as bytes from nar""";

    private final MeterRegistry registry;
    private final PackageSearchIndex index;
    private final Path data;
    private final CachedFigures<PackStats.PackTotals> packStats;
    private final CachedFigures<JobCounts> jobCounts;
    private final CachedFigures<NarCounts> narCounts;
    private final CachedFigures<ScrubStats.ScrubProgress> scrubStats;
    private final CachedFigures<SnapshotJob.SnapshotStats> snapshotStats;

    MetricsGauges(
            MeterRegistry registry,
            DataSource database,
            PackStats packStats,
            ScrubStats scrubStats,
            SnapshotJob snapshots,
            PackageSearchIndex index,
            @ConfigProperty(name = "narthex.data") Path data) {
        this.registry = registry;
        this.index = index;
        this.data = data;
        this.packStats = new CachedFigures<>(SLOW_INTERVAL, packStats::query);
        this.narCounts = new CachedFigures<>(SLOW_INTERVAL, () -> queryOne(database, NARS, NarCounts::of));
        this.scrubStats = new CachedFigures<>(SLOW_INTERVAL, scrubStats::query);
        this.snapshotStats = new CachedFigures<>(SLOW_INTERVAL, snapshots::stats);
        this.jobCounts = new CachedFigures<>(FAST_INTERVAL, () -> queryOne(database, JOBS, JobCounts::of));
    }

    /** @param dueSeconds how long the oldest due job has waited */
    private record JobCounts(long running, long failed, long waiting, double dueSeconds) {
        static JobCounts of(ResultSet row) throws SQLException {
            return new JobCounts(
                    row.getLong("running"),
                    row.getLong("failed"),
                    row.getLong("waiting"),
                    row.getDouble("due_seconds"));
        }
    }

    private record NarCounts(long live, long damaged, long bytes) {
        static NarCounts of(ResultSet row) throws SQLException {
            return new NarCounts(row.getLong("live"), row.getLong("damaged"), row.getLong("bytes"));
        }
    }

    void start(@Observes StartupEvent event) {
        var packsDescription = "Packs by state. docs/backup.md describes how to repair damaged ones";
        add("narthex.packs", packsDescription, () -> packStats.figure(PackStats.PackTotals::packs), "state", "live");
        add(
                "narthex.packs",
                packsDescription,
                () -> packStats.figure(PackStats.PackTotals::writing),
                "state",
                "writing");
        add(
                "narthex.packs",
                packsDescription,
                () -> packStats.figure(PackStats.PackTotals::leaving),
                "state",
                "leaving");
        add(
                "narthex.packs",
                packsDescription,
                () -> scrubStats.figure(ScrubStats.ScrubProgress::damaged),
                "state",
                "damaged");
        add("narthex.packs.bytes", "As they lie in the store", () -> packStats.figure(PackStats.PackTotals::bytes));
        var narsDescription =
                "NARs by state. A damaged one is not served until its path is pushed again with nix copy --refresh";
        add("narthex.nars", narsDescription, () -> narCounts.figure(NarCounts::live), "state", "live");
        add("narthex.nars", narsDescription, () -> narCounts.figure(NarCounts::damaged), "state", "damaged");
        add("narthex.nars.bytes", "NARs in full, each once in its domain", () -> narCounts.figure(NarCounts::bytes));
        add(
                "narthex.scrub.oldest.seconds",
                "Since the pack was read that was not read for longest",
                () -> scrubStats.figure(figures -> secondsSince(figures.oldest())));
        add(
                "narthex.snapshot.age.seconds",
                "Since the last snapshot of the database",
                () -> snapshotStats.figure(
                        figures -> secondsSince(figures.last().map(SnapshotJob.LatestSnapshot::at))));
        add("narthex.jobs", "Jobs of all replicas", () -> jobCounts.figure(JobCounts::running), "state", "running");
        add("narthex.jobs", "Jobs of all replicas", () -> jobCounts.figure(JobCounts::failed), "state", "failed");
        add("narthex.jobs", "Jobs of all replicas", () -> jobCounts.figure(JobCounts::waiting), "state", "waiting");
        add(
                "narthex.jobs.due.seconds",
                "Time that the oldest due job has been waiting",
                () -> jobCounts.figure(JobCounts::dueSeconds));
        add(
                "narthex.index.ready",
                "Whether this server searches with its index",
                () -> index.state().ready() ? 1 : 0);
        add("narthex.index.lag.seconds", "Since the index had all of the catalog", this::indexLagSeconds);
        add("narthex.disk.free.bytes", "Where the data folder is", this::freeDiskBytes);
    }

    private static double secondsSince(Optional<Instant> instant) {
        return instant.map(at -> Duration.between(at, Instant.now()).toMillis() / 1000.0)
                .orElse(Double.NaN);
    }

    private double indexLagSeconds() {
        return index.lag().map(lag -> lag.toMillis() / 1000.0).orElse(Double.NaN);
    }

    private double freeDiskBytes() {
        try {
            return Files.getFileStore(data).getUsableSpace();
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private void add(String name, String description, DoubleSupplier value, String... labels) {
        Gauge.builder(name, value::getAsDouble)
                .description(description)
                .tags(labels)
                .strongReference(true)
                .register(registry);
    }

    private interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    private static <T> T queryOne(DataSource database, String statement, RowMapper<T> mapper) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(statement);
                var row = select.executeQuery()) {
            row.next();
            return mapper.map(row);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
