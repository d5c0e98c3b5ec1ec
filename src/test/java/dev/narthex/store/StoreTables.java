package dev.narthex.store;

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
    private final StoreConfig config;
    private final Uploads uploads;
    private final TransactionSynchronizationRegistry transactions;
    private final Path store;

    StoreTables(
            DataSource source,
            Database database,
            NarRows rows,
            Packs packs,
            Domains domains,
            Backends backends,
            StoreConfig config,
            Uploads uploads,
            TransactionSynchronizationRegistry transactions,
            @ConfigProperty(name = "narthex.data") String data) {
        this.source = source;
        this.database = database;
        this.rows = rows;
        this.packs = packs;
        this.domains = domains;
        this.backends = backends;
        this.config = config;
        this.uploads = uploads;
        this.transactions = transactions;
        this.store = Path.of(data, "store");
    }

    /** What other tests took snapshots of waits for nobody. */
    long newDomain() {
        run("DELETE FROM snapshot");
        return domains.create();
    }

    Nars narsWithPackSize(long bytes) {
        return nars(bytes, config.maxListing().asLongValue());
    }

    Nars narsWithListing(long bytes) {
        return nars(config.packSize().asLongValue(), bytes);
    }

    private Nars nars(long packSize, long maxListing) {
        var changed = new StoreConfig() {
            @Override
            public MemorySize maxSize() {
                return config.maxSize();
            }

            @Override
            public long maxEntries() {
                return config.maxEntries();
            }

            @Override
            public MemorySize maxListing() {
                return new MemorySize(BigInteger.valueOf(maxListing));
            }

            @Override
            public MemorySize packSize() {
                return new MemorySize(BigInteger.valueOf(packSize));
            }

            @Override
            public Duration lease() {
                return config.lease();
            }

            @Override
            public Duration grace() {
                return config.grace();
            }
        };
        return new Nars(rows, packs, domains, backends, changed, transactions);
    }

    /** The whole store over other backends, with the tables and settings of this one. */
    record Elsewhere(Nars nars, Packs packs, Sweep sweep, Moving moving) {}

    Elsewhere over(Backends others) {
        var otherPacks = new Packs(database, others, config);
        var otherRows = new NarRows(database, otherPacks);
        return new Elsewhere(
                new Nars(otherRows, otherPacks, domains, others, config, transactions),
                otherPacks,
                new Sweep(database, others, config, uploads),
                new Moving(database, others, otherPacks, new MovedRows(database, config)));
    }

    Domains.Domain domain(long id) {
        return domains.get(id);
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
            var backend = backends.writing();
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
        return number("INSERT INTO cache (domain_id, name) VALUES (" + domain + ", 'store-test-" + domain
                + "') RETURNING id");
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
