package dev.narthex.store;

import dev.narthex.catalog.Plans;
import dev.narthex.content.Content;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** A look behind the store: its tables and its files. */
@ApplicationScoped
class StoreTables {
    private final DataSource source;
    private final Database database;
    private final NarRows rows;
    private final Packs packs;
    private final Domains domains;
    private final Backends backends;
    private final Sharing sharing;
    private final StoreConfig config;
    private final ScrubConfig scrub;
    private final TransactionSynchronizationRegistry transactions;
    private final Path store;

    StoreTables(
            DataSource source,
            Database database,
            NarRows rows,
            Packs packs,
            Domains domains,
            Backends backends,
            Sharing sharing,
            StoreConfig config,
            ScrubConfig scrub,
            TransactionSynchronizationRegistry transactions,
            @ConfigProperty(name = "narthex.data") String data) {
        this.source = source;
        this.database = database;
        this.rows = rows;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.sharing = sharing;
        this.config = config;
        this.scrub = scrub;
        this.transactions = transactions;
        this.store = Path.of(data, "store");
    }

    /** What other tests took snapshots of waits for nobody. */
    long newDomain() {
        run("DELETE FROM snapshot");
        return domains.create();
    }

    /** Settings of the application, some of them changed. */
    record Settings(
            MemorySize maxSize,
            long maxEntries,
            MemorySize maxListing,
            MemorySize packSize,
            Duration lease,
            Duration grace)
            implements StoreConfig {
        Settings withPackSize(long bytes) {
            return new Settings(maxSize, maxEntries, maxListing, size(bytes), lease, grace);
        }

        Settings withListing(long bytes) {
            return new Settings(maxSize, maxEntries, size(bytes), packSize, lease, grace);
        }

        Settings with(Duration newLease, Duration newGrace) {
            return new Settings(maxSize, maxEntries, maxListing, packSize, newLease, newGrace);
        }

        private static MemorySize size(long bytes) {
            return new MemorySize(BigInteger.valueOf(bytes));
        }
    }

    Settings settings() {
        return new Settings(
                config.maxSize(),
                config.maxEntries(),
                config.maxListing(),
                config.packSize(),
                config.lease(),
                config.grace());
    }

    Nars narsWithPackSize(long bytes) {
        return new Nars(rows, packs, domains, backends, sharing, settings().withPackSize(bytes), transactions);
    }

    Nars narsWithListing(long bytes) {
        return new Nars(rows, packs, domains, backends, sharing, settings().withListing(bytes), transactions);
    }

    /** The whole store over other backends, with the tables of this one. */
    record Elsewhere(
            Database database,
            Nars nars,
            Packs packs,
            Uploads uploads,
            Sweep sweep,
            Repack repack,
            Scrub scrub,
            Moving moving) {}

    /** With the settings of the application. */
    Elsewhere over(Backends others) {
        return over(others, config, Fault.never());
    }

    /** What is swept and checked may also lie where the application has it, which is not in the way of a fault. */
    Elsewhere over(Backends others, StoreConfig settings, Fault fault) {
        var otherDatabase = new FaultyDatabase(source, fault);
        var otherPacks = new Packs(otherDatabase, others, settings);
        var otherRows = new NarRows(otherDatabase, otherPacks);
        var otherDomains = new Domains(otherDatabase);
        var otherSharing = new Sharing(otherDatabase, others);
        var otherUploads = new Uploads(otherDatabase);
        var outcomes = new FaultyDatabase.Outcomes(transactions, fault);
        var everywhere = withApplication(others);
        return new Elsewhere(
                otherDatabase,
                new Nars(otherRows, otherPacks, otherDomains, others, otherSharing, settings, outcomes),
                otherPacks,
                otherUploads,
                new Sweep(otherDatabase, everywhere, settings, otherUploads),
                new Repack(otherDatabase, otherPacks, otherDomains, others, otherSharing, settings),
                new Scrub(new ScrubRows(otherDatabase), everywhere, scrub),
                new Moving(otherDatabase, others, otherPacks, new MovedRows(otherDatabase, settings)));
    }

    private Backends withApplication(Backends others) {
        var taken = others.all().stream().map(Backend::number).toList();
        var more = backends.all().stream().filter(b -> !taken.contains(b.number()));
        return new Backends(Stream.concat(others.all().stream(), more).toList(), Optional.of(others.writeTargetName()));
    }

    Domains.Domain domain(long id) {
        return domains.get(id);
    }

    /** Where the application's packs go. */
    Backend writing() {
        return backends.writeTarget();
    }

    Database database() {
        return database;
    }

    StoreConfig config() {
        return config;
    }

    /** @param chosen the name of the one that takes new packs */
    Backends backends(String chosen, Backend... all) {
        return new Backends(List.of(all), Optional.of(chosen));
    }

    /** Pack files of a domain. */
    long files(long domain) throws IOException {
        try (var all = Files.walk(store.resolve("packs/" + domains.get(domain).code()))) {
            return all.filter(Files::isRegularFile).count();
        } catch (NoSuchFileException none) {
            return 0;
        }
    }

    long unfinished() throws IOException {
        try (var all = Files.list(store.resolve("tmp"))) {
            return all.count();
        }
    }

    List<PackFooter> footers(long domain) throws IOException {
        var footers = new ArrayList<PackFooter>();
        var code = domains.get(domain).code();
        for (var row : column("SELECT key FROM pack WHERE domain_id = " + domain + " ORDER BY id")) {
            var key = new PackKey(code, UUID.fromString(row));
            var backend = backends.writeTarget();
            Content pack = new PackContent(backend, key, backend.size(key).orElseThrow());
            footers.add(PackFooter.read(pack));
        }
        return footers;
    }

    List<String> packStates(long domain) {
        return column("SELECT state FROM pack WHERE domain_id = " + domain + " ORDER BY id");
    }

    long number(String sql) {
        return Long.parseLong(column(sql).getFirst());
    }

    /** A cache of the domain, for what refers to NARs. */
    long newCache(long domain) {
        return number("INSERT INTO cache (domain_id, name) VALUES (" + domain
                + ", 'store-test-' || gen_random_uuid()) RETURNING id");
    }

    void addPath(long cache, long nar) {
        run("INSERT INTO path (cache_id, hash_part, name, nar_id, refs) VALUES (" + cache
                + ", '00000000000000000000000000000000', 'x', " + nar + ", '{}')");
    }

    /** Of one NAR, so many. */
    void addPaths(long cache, long nar, int count) {
        run("INSERT INTO path (cache_id, hash_part, name, nar_id, refs) SELECT " + cache
                + ", lpad(i::text, 32, '0'), 'x', " + nar + ", '{}' FROM generate_series(1, " + count + ") i");
    }

    List<String> plan(String sql) {
        return Plans.of(source, sql);
    }

    /** In backends that nobody else uses. */
    List<String> orphans(List<Backend> others) throws IOException {
        try (var connection = source.getConnection()) {
            return Orphans.of(connection, others);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void run(String sql) {
        try (var c = source.getConnection();
                var statement = c.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> column(String sql) {
        try (var c = source.getConnection();
                var statement = c.createStatement();
                var rows = statement.executeQuery(sql)) {
            var values = new ArrayList<String>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
