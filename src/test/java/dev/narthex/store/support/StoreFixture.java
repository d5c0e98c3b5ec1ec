package dev.narthex.store.support;

import dev.narthex.catalog.support.QueryPlans;
import dev.narthex.db.StoreDatabase;
import dev.narthex.http.Content;
import dev.narthex.store.ChunkIndex;
import dev.narthex.store.DedupDomains;
import dev.narthex.store.NarRows;
import dev.narthex.store.NarStore;
import dev.narthex.store.PackLeases;
import dev.narthex.store.PendingUploads;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackContent;
import dev.narthex.store.pack.PackFooter;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.StoreConfig;
import dev.narthex.store.upkeep.PackMoveRows;
import dev.narthex.store.upkeep.PackMover;
import dev.narthex.store.upkeep.PackRepacker;
import dev.narthex.store.upkeep.ScrubConfig;
import dev.narthex.store.upkeep.ScrubRows;
import dev.narthex.store.upkeep.StoreScrubber;
import dev.narthex.store.upkeep.StoreSweeper;
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
public class StoreFixture {
    private final DataSource source;
    private final StoreDatabase database;
    private final NarRows rows;
    private final PackLeases packs;
    private final DedupDomains domains;
    private final ConfiguredBackends backends;
    private final ChunkIndex sharing;
    private final StoreConfig config;
    private final ScrubConfig scrub;
    private final TransactionSynchronizationRegistry transactions;
    private final Path store;

    StoreFixture(
            DataSource source,
            StoreDatabase database,
            NarRows rows,
            PackLeases packs,
            DedupDomains domains,
            ConfiguredBackends backends,
            ChunkIndex sharing,
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

    /** Snapshots of other tests do not delay deletion. */
    public long newDomain() {
        run("DELETE FROM snapshot");
        return domains.create();
    }

    /** Settings of the application, some of them changed. */
    public record Settings(
            MemorySize maxSize,
            long maxEntries,
            MemorySize maxListing,
            MemorySize packSize,
            Duration lease,
            Duration grace)
            implements StoreConfig {
        public Settings withPackSize(long bytes) {
            return new Settings(maxSize, maxEntries, maxListing, size(bytes), lease, grace);
        }

        Settings withListing(long bytes) {
            return new Settings(maxSize, maxEntries, size(bytes), packSize, lease, grace);
        }

        public Settings with(Duration newLease, Duration newGrace) {
            return new Settings(maxSize, maxEntries, maxListing, packSize, newLease, newGrace);
        }

        private static MemorySize size(long bytes) {
            return new MemorySize(BigInteger.valueOf(bytes));
        }
    }

    public Settings settings() {
        return new Settings(
                config.maxSize(),
                config.maxEntries(),
                config.maxListing(),
                config.packSize(),
                config.lease(),
                config.grace());
    }

    public NarStore narsWithPackSize(long bytes) {
        return new NarStore(rows, packs, domains, backends, sharing, settings().withPackSize(bytes), transactions);
    }

    public NarStore narsWithListing(long bytes) {
        return new NarStore(rows, packs, domains, backends, sharing, settings().withListing(bytes), transactions);
    }

    /** The whole store over other backends, with the tables of this one. */
    public record Elsewhere(
            StoreDatabase database,
            NarStore nars,
            PackLeases packs,
            PendingUploads uploads,
            StoreSweeper sweep,
            PackRepacker repack,
            StoreScrubber scrub,
            PackMover moving) {}

    /** With the settings of the application. */
    public Elsewhere over(ConfiguredBackends others) {
        return over(others, config, InjectedFault.never());
    }

    /** What is swept and checked may also lie where the application has it, which is not in the way of a fault. */
    public Elsewhere over(ConfiguredBackends others, StoreConfig settings, InjectedFault fault) {
        var otherDatabase = new FaultyDatabase(source, fault);
        var otherPacks = new PackLeases(otherDatabase, others, settings);
        var otherRows = new NarRows(otherDatabase, otherPacks);
        var otherDomains = new DedupDomains(otherDatabase);
        var otherSharing = new ChunkIndex(otherDatabase, others);
        var otherUploads = new PendingUploads(otherDatabase);
        var outcomes = new FaultyDatabase.Outcomes(transactions, fault);
        var everywhere = withApplication(others);
        return new Elsewhere(
                otherDatabase,
                new NarStore(otherRows, otherPacks, otherDomains, others, otherSharing, settings, outcomes),
                otherPacks,
                otherUploads,
                new StoreSweeper(otherDatabase, everywhere, settings, otherUploads),
                new PackRepacker(otherDatabase, otherPacks, otherDomains, others, otherSharing, settings),
                new StoreScrubber(new ScrubRows(otherDatabase), everywhere, scrub),
                new PackMover(otherDatabase, others, otherPacks, new PackMoveRows(otherDatabase, settings)));
    }

    private ConfiguredBackends withApplication(ConfiguredBackends others) {
        var taken = others.all().stream().map(Backend::number).toList();
        var more = backends.all().stream().filter(b -> !taken.contains(b.number()));
        return new ConfiguredBackends(
                Stream.concat(others.all().stream(), more).toList(), Optional.of(others.writeTargetName()));
    }

    public DedupDomains.Domain domain(long id) {
        return domains.get(id);
    }

    /** Where the application's packs go. */
    public Backend writing() {
        return backends.writeTarget();
    }

    public StoreDatabase database() {
        return database;
    }

    public StoreConfig config() {
        return config;
    }

    /** @param chosen the name of the one that takes new packs */
    public ConfiguredBackends backends(String chosen, Backend... all) {
        return new ConfiguredBackends(List.of(all), Optional.of(chosen));
    }

    /** Pack files of a domain. */
    public long files(long domain) throws IOException {
        try (var all = Files.walk(store.resolve("packs/" + domains.get(domain).code()))) {
            return all.filter(Files::isRegularFile).count();
        } catch (NoSuchFileException none) {
            return 0;
        }
    }

    public long unfinished() throws IOException {
        try (var all = Files.list(store.resolve("tmp"))) {
            return all.count();
        }
    }

    public List<PackFooter> footers(long domain) throws IOException {
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

    public List<String> packStates(long domain) {
        return column("SELECT state FROM pack WHERE domain_id = " + domain + " ORDER BY id");
    }

    public long number(String sql) {
        return Long.parseLong(column(sql).getFirst());
    }

    /** A cache of the domain, for what refers to NARs. */
    public long newCache(long domain) {
        return number("INSERT INTO cache (domain_id, name) VALUES (" + domain
                + ", 'store-test-' || gen_random_uuid()) RETURNING id");
    }

    public void addPath(long cache, long nar) {
        run("INSERT INTO path (cache_id, hash_part, name, nar_id, refs) VALUES (" + cache
                + ", '00000000000000000000000000000000', 'x', " + nar + ", '{}')");
    }

    /** Of one NAR, so many. */
    public void addPaths(long cache, long nar, int count) {
        run("INSERT INTO path (cache_id, hash_part, name, nar_id, refs) SELECT " + cache
                + ", lpad(i::text, 32, '0'), 'x', " + nar + ", '{}' FROM generate_series(1, " + count + ") i");
    }

    public List<String> plan(String sql) {
        return QueryPlans.of(source, sql);
    }

    /** In backends that nobody else uses. */
    public List<String> orphans(List<Backend> others) throws IOException {
        try (var connection = source.getConnection()) {
            return OrphanChecker.of(connection, others);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public void run(String sql) {
        try (var c = source.getConnection();
                var statement = c.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public List<String> column(String sql) {
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
