package dev.narthex.ops;

import dev.narthex.search.Index;
import dev.narthex.store.PackFigures;
import dev.narthex.store.ScrubFigures;
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
 * that needs a query uses {@link Kept}.
 */
@Singleton
class Gauges {
    private static final Duration SELDOM = Duration.ofMinutes(5);
    private static final Duration OFTEN = Duration.ofSeconds(15);

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
    private final Index index;
    private final Path data;
    private final Kept<PackFigures.Figures> packs;
    private final Kept<Jobs> jobs;
    private final Kept<Nars> nars;
    private final Kept<ScrubFigures.Figures> checks;
    private final Kept<Snapshots.Figures> snapshots;

    Gauges(
            MeterRegistry registry,
            DataSource database,
            PackFigures packs,
            ScrubFigures checks,
            Snapshots snapshots,
            Index index,
            @ConfigProperty(name = "narthex.data") Path data) {
        this.registry = registry;
        this.index = index;
        this.data = data;
        this.packs = new Kept<>(SELDOM, packs::now);
        this.nars = new Kept<>(SELDOM, () -> one(database, NARS, Nars::of));
        this.checks = new Kept<>(SELDOM, checks::now);
        this.snapshots = new Kept<>(SELDOM, snapshots::now);
        this.jobs = new Kept<>(OFTEN, () -> one(database, JOBS, Jobs::of));
    }

    /** @param dueSeconds how long the oldest due job has waited */
    private record Jobs(long running, long failed, long waiting, double dueSeconds) {
        static Jobs of(ResultSet row) throws SQLException {
            return new Jobs(
                    row.getLong("running"),
                    row.getLong("failed"),
                    row.getLong("waiting"),
                    row.getDouble("due_seconds"));
        }
    }

    private record Nars(long live, long damaged, long bytes) {
        static Nars of(ResultSet row) throws SQLException {
            return new Nars(row.getLong("live"), row.getLong("damaged"), row.getLong("bytes"));
        }
    }

    void start(@Observes StartupEvent ready) {
        var words = "Packs by state. docs/backup.md describes how to repair damaged ones";
        add("narthex.packs", words, () -> packs.figure(PackFigures.Figures::packs), "state", "live");
        add("narthex.packs", words, () -> packs.figure(PackFigures.Figures::writing), "state", "writing");
        add("narthex.packs", words, () -> packs.figure(PackFigures.Figures::leaving), "state", "leaving");
        add("narthex.packs", words, () -> checks.figure(ScrubFigures.Figures::damaged), "state", "damaged");
        add("narthex.packs.bytes", "As they lie in the store", () -> packs.figure(PackFigures.Figures::bytes));
        var states =
                "NARs by state. A damaged one is not served until its path is pushed again with nix copy --refresh";
        add("narthex.nars", states, () -> nars.figure(Nars::live), "state", "live");
        add("narthex.nars", states, () -> nars.figure(Nars::damaged), "state", "damaged");
        add("narthex.nars.bytes", "NARs in full, each once in its domain", () -> nars.figure(Nars::bytes));
        add(
                "narthex.scrub.oldest.seconds",
                "Since the pack was read that was not read for longest",
                () -> checks.figure(figures -> since(figures.oldest())));
        add(
                "narthex.snapshot.age.seconds",
                "Since the last snapshot of the database",
                () -> snapshots.figure(figures -> since(figures.last().map(Snapshots.Last::at))));
        add("narthex.jobs", "Jobs of all replicas", () -> jobs.figure(Jobs::running), "state", "running");
        add("narthex.jobs", "Jobs of all replicas", () -> jobs.figure(Jobs::failed), "state", "failed");
        add("narthex.jobs", "Jobs of all replicas", () -> jobs.figure(Jobs::waiting), "state", "waiting");
        add(
                "narthex.jobs.due.seconds",
                "For how long the oldest job waits that is due",
                () -> jobs.figure(Jobs::dueSeconds));
        add(
                "narthex.index.ready",
                "Whether search answers from the index here",
                () -> index.state().ready() ? 1 : 0);
        add("narthex.index.lag.seconds", "Since the index had all of the catalog", this::lag);
        add("narthex.disk.free.bytes", "Where the data folder is", this::free);
    }

    private static double since(Optional<Instant> then) {
        return then.map(at -> Duration.between(at, Instant.now()).toMillis() / 1000.0)
                .orElse(Double.NaN);
    }

    private double lag() {
        return index.behind().map(lag -> lag.toMillis() / 1000.0).orElse(Double.NaN);
    }

    private double free() {
        try {
            return Files.getFileStore(data).getUsableSpace();
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private void add(String name, String words, DoubleSupplier value, String... labels) {
        Gauge.builder(name, value::getAsDouble)
                .description(words)
                .tags(labels)
                .strongReference(true)
                .register(registry);
    }

    private interface Reading<T> {
        T of(ResultSet row) throws SQLException;
    }

    private static <T> T one(DataSource database, String statement, Reading<T> reading) {
        try (var connection = database.getConnection();
                var select = connection.prepareStatement(statement);
                var row = select.executeQuery()) {
            row.next();
            return reading.of(row);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
