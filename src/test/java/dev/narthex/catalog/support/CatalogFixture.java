package dev.narthex.catalog.support;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.db.support.TestSql;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** Creates rows of other packages with plain SQL, and reads those of the catalog. */
@ApplicationScoped
public class CatalogFixture {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final DataSource database;
    private final TestSql tables;
    private final CacheCatalog caches;
    private final Paths paths;

    CatalogFixture(DataSource database, CacheCatalog caches, Paths paths) {
        this.database = database;
        this.tables = new TestSql(database);
        this.caches = caches;
        this.paths = paths;
    }

    /** Tests commit thousands of times and need no durability. */
    @PostConstruct
    void commitWithoutWaitingForTheDisk() {
        run("alter system set synchronous_commit = off");
        run("select pg_reload_conf()");
    }

    public Cache newCache() {
        return newCache(newDomain());
    }

    public Cache newCache(long domain) {
        return QuarkusTransaction.requiringNew()
                .call(() -> caches.create("catalog-test-" + NUMBERS.incrementAndGet(), "", true, domain));
    }

    public long newDomain() {
        return number("insert into dedup_domain default values returning id");
    }

    /** Creates a person who has signed in. */
    long person() {
        return number(
                "insert into person (issuer, subject, name) values ('tables', gen_random_uuid()::text, 'somebody') returning id");
    }

    /** Returns a new hash part; later ones sort after earlier ones. */
    public static String hashPart() {
        return "%032d".formatted(NUMBERS.incrementAndGet());
    }

    /** Creates the row of a NAR, as far as the catalog reads it. */
    public long nar(long domain, String content, long narSize) {
        return number("""
                insert into nar (domain_id, nar_hash, nar_size, kind, encoding, file_size, file_hash, inline)
                values (%d, '\\x%s', %d, 0, gen_random_uuid(), 3, '\\x%2$s', '') returning id""".formatted(domain, hash(content).hex(), narSize));
    }

    public static NixHash hash(String content) {
        return NixHash.sha256(content.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a path that is newer than all others. */
    public PathInfo push(Cache cache, String name, String... references) {
        return push(cache, newPath(cache, name, 1000, List.of(references)));
    }

    public PathInfo push(Cache cache, NewPath path) {
        QuarkusTransaction.requiringNew().run(() -> paths.add(cache.id(), path));
        run(
                "update path set pushed_at = timestamptz '2026-01-01Z' + make_interval(secs => %d) where cache_id = %d and hash_part = '%s'"
                        .formatted(
                                NUMBERS.incrementAndGet(),
                                cache.id(),
                                path.path().hash()));
        return paths.find(cache.id(), path.path().hash()).orElseThrow();
    }

    public NewPath newPath(Cache cache, String name, long narSize, List<String> references) {
        var path = new StorePath(hashPart(), name);
        return newPath(path, nar(cache.domainId(), path.baseName(), narSize), narSize, references);
    }

    public static NewPath newPath(
            StorePath path, long narId, long narSize, List<String> references, Signature... sigs) {
        return new NewPath(
                path, narId, narSize, references, Optional.empty(), Optional.empty(), List.of(sigs), "pushed", "anna");
    }

    public static NewPath builtBy(NewPath path, StorePath deriver) {
        return new NewPath(
                path.path(),
                path.narId(),
                path.narSize(),
                path.references(),
                Optional.of(deriver),
                path.ca(),
                path.sigs(),
                path.origin(),
                path.pushedBy());
    }

    public long number(String sql) {
        return tables.number(sql);
    }

    public void run(String sql) {
        tables.run(sql);
    }

    public List<String> column(String sql) {
        return tables.column(sql);
    }

    /** Returns the generic plan of a statement. */
    public List<String> plan(String sql) {
        return QueryPlans.of(database, sql);
    }

    /** Explains the statements as if the database had no table statistics. */
    public List<List<String>> plansWithoutStatistics(List<String> statements) {
        try (var c = database.getConnection()) {
            c.setAutoCommit(false);
            try (var statement = c.createStatement()) {
                statement.execute("""
                        delete from pg_statistic where starelid in
                          (select oid from pg_class where relnamespace = 'public'::regnamespace)""");
                statement.execute("""
                        update pg_class set reltuples = -1, relpages = 0, relallvisible = 0
                        where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')""");
                return statements.stream().map(sql -> QueryPlans.of(c, sql)).toList();
            } finally {
                c.rollback();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns everything that recognition stores for a cache, with the transaction that wrote each row. Equal results mean that
     * nothing was written.
     */
    public List<String> rows(long cache) {
        return column("""
                select 'package ' || p.xmin || p::text from package p where cache_id = %1$d union all
                select 'release ' || r.xmin || r::text from release r join package p on p.id = r.package_id
                  where cache_id = %1$d union all
                select 'artifact ' || a.xmin || a::text from artifact a join release r on r.id = a.release_id
                  join package p on p.id = r.package_id where cache_id = %1$d union all
                select 'dependency ' || d.xmin || d::text from dependency d where cache_id = %1$d union all
                select 'change ' || c::text from change c where cache_id = %1$d order by 1""".formatted(cache));
    }

    public long changes(long cache) {
        return number("select count(*) from change where cache_id = " + cache);
    }
}
