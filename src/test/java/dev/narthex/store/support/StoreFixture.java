package dev.narthex.store.support;

import dev.narthex.catalog.support.QueryPlans;
import dev.narthex.db.Database;
import dev.narthex.db.support.TestSql;
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

/** Direct access to the tables and files of the store. */
@ApplicationScoped
public class StoreFixture {
    private final DataSource source;
    private final TestSql tables;
    private final Database database;
    private final NarRows rows;
    private final PackLeases packs;
    private final DedupDomains domains;
    private final ConfiguredBackends backends;
    private final ChunkIndex chunkIndex;
    private final StoreConfig config;
    private final ScrubConfig scrubConfig;
    private final TransactionSynchronizationRegistry transactions;
    private final Path storeFolder;

    StoreFixture(
            DataSource source,
            Database database,
            NarRows rows,
            PackLeases packs,
            DedupDomains domains,
            ConfiguredBackends backends,
            ChunkIndex chunkIndex,
            StoreConfig config,
            ScrubConfig scrubConfig,
            TransactionSynchronizationRegistry transactions,
            @ConfigProperty(name = "narthex.data") String data) {
        this.source = source;
        this.tables = new TestSql(source);
        this.database = database;
        this.rows = rows;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.chunkIndex = chunkIndex;
        this.config = config;
        this.scrubConfig = scrubConfig;
        this.transactions = transactions;
        this.storeFolder = Path.of(data, "store");
    }

    /** Creates a dedup domain, and deletes snapshots of other tests, which would delay deletion. */
    public long newDomain() {
        run("DELETE FROM snapshot");
        return domains.create();
    }

    /** Settings of the application, with changes. */
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

        Settings withMaxListing(long bytes) {
            return new Settings(maxSize, maxEntries, size(bytes), packSize, lease, grace);
        }

        public Settings withTimes(Duration newLease, Duration newGrace) {
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
        return new NarStore(
                rows, packs, domains, backends, chunkIndex, settings().withPackSize(bytes), transactions);
    }

    public NarStore narsWithMaxListing(long bytes) {
        return new NarStore(
                rows, packs, domains, backends, chunkIndex, settings().withMaxListing(bytes), transactions);
    }

    /** A store with other backends and the same tables. */
    public record SeparateStore(
            Database database,
            NarStore nars,
            PackLeases packs,
            PendingUploads uploads,
            StoreSweeper sweeper,
            PackRepacker repacker,
            StoreScrubber scrubber,
            PackMover mover) {}

    /** Creates a store with the settings of the application. */
    public SeparateStore newStore(ConfiguredBackends others) {
        return newStore(others, config, InjectedFault.never());
    }

    /** Creates a store that also sweeps and verifies in the application's backends, where no faults are injected. */
    public SeparateStore newStore(ConfiguredBackends others, StoreConfig settings, InjectedFault fault) {
        var otherDatabase = new FaultyDatabase(source, fault);
        var otherPacks = new PackLeases(otherDatabase, others, settings);
        var otherRows = new NarRows(otherDatabase, otherPacks);
        var otherDomains = new DedupDomains(otherDatabase);
        var otherChunkIndex = new ChunkIndex(otherDatabase, others);
        var otherUploads = new PendingUploads(otherDatabase);
        var outcomes = new FaultyDatabase.Outcomes(transactions, fault);
        var allBackends = withApplicationBackends(others);
        return new SeparateStore(
                otherDatabase,
                new NarStore(otherRows, otherPacks, otherDomains, others, otherChunkIndex, settings, outcomes),
                otherPacks,
                otherUploads,
                new StoreSweeper(otherDatabase, otherPacks, allBackends, settings, otherUploads),
                new PackRepacker(otherDatabase, otherPacks, otherDomains, others, otherChunkIndex, settings),
                new StoreScrubber(new ScrubRows(otherDatabase), allBackends, scrubConfig),
                new PackMover(others, otherPacks, new PackMoveRows(otherDatabase, otherPacks, settings)));
    }

    private ConfiguredBackends withApplicationBackends(ConfiguredBackends others) {
        var usedNumbers = others.all().stream().map(Backend::number).toList();
        var unused = backends.all().stream().filter(backend -> !usedNumbers.contains(backend.number()));
        return new ConfiguredBackends(
                Stream.concat(others.all().stream(), unused).toList(), Optional.of(others.writeTargetName()));
    }

    public DedupDomains.Domain domain(long id) {
        return domains.get(id);
    }

    /** Returns the backend to which the application writes new packs. */
    public Backend writeTarget() {
        return backends.writeTarget();
    }

    public Database database() {
        return database;
    }

    public StoreConfig config() {
        return config;
    }

    /** @param targetName name of the backend for new packs */
    public ConfiguredBackends backends(String targetName, Backend... all) {
        return new ConfiguredBackends(List.of(all), Optional.of(targetName));
    }

    /** Counts the pack files of a domain. */
    public long countFiles(long domain) throws IOException {
        try (var files =
                Files.walk(storeFolder.resolve("packs/" + domains.get(domain).code()))) {
            return files.filter(Files::isRegularFile).count();
        } catch (NoSuchFileException absent) {
            return 0;
        }
    }

    public long countUnfinished() throws IOException {
        try (var files = Files.list(storeFolder.resolve("tmp"))) {
            return files.count();
        }
    }

    public List<PackFooter> readFooters(long domain) throws IOException {
        var footers = new ArrayList<PackFooter>();
        var code = domains.get(domain).code();
        for (var row : queryColumn("SELECT key FROM pack WHERE domain_id = " + domain + " ORDER BY id")) {
            var key = new PackKey(code, UUID.fromString(row));
            var backend = backends.writeTarget();
            Content pack = new PackContent(backend, key, backend.size(key).orElseThrow());
            footers.add(PackFooter.read(pack));
        }
        return footers;
    }

    public List<String> packStates(long domain) {
        return queryColumn("SELECT state FROM pack WHERE domain_id = " + domain + " ORDER BY id");
    }

    public long queryNumber(String sql) {
        return tables.number(sql);
    }

    /** Creates a cache of the domain, which can refer to its NARs. */
    public long newCache(long domain) {
        return queryNumber("INSERT INTO cache (domain_id, name) VALUES (" + domain
                + ", 'store-test-' || gen_random_uuid()) RETURNING id");
    }

    public void addPath(long cache, long nar) {
        run("INSERT INTO path (cache_id, hash_part, name, nar_id, refs) VALUES (" + cache
                + ", '00000000000000000000000000000000', 'x', " + nar + ", '{}')");
    }

    /** Adds paths that refer to one NAR. */
    public void addPaths(long cache, long nar, int count) {
        run("INSERT INTO path (cache_id, hash_part, name, nar_id, refs) SELECT " + cache
                + ", lpad(i::text, 32, '0'), 'x', " + nar + ", '{}' FROM generate_series(1, " + count + ") i");
    }

    public List<String> queryPlan(String sql) {
        return QueryPlans.of(source, sql);
    }

    /** @param others backends that only the caller uses */
    public List<String> findOrphans(List<Backend> others) throws IOException {
        try (var connection = source.getConnection()) {
            return OrphanChecker.of(connection, others);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public void run(String sql) {
        tables.run(sql);
    }

    public List<String> queryColumn(String sql) {
        return tables.column(sql);
    }
}
