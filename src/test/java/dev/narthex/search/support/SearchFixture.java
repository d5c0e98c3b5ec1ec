package dev.narthex.search.support;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.sql.DataSource;

/** Inserts packages into the database, with the change log entries that recognition would write. */
@ApplicationScoped
public class SearchFixture {
    private static final AtomicInteger CACHES = new AtomicInteger();

    private final DataSource database;
    private final CacheCatalog caches;

    SearchFixture(DataSource database, CacheCatalog caches) {
        this.database = database;
        this.caches = caches;
    }

    /**
     * @param systems separated by spaces; empty for any
     * @param dependents at most the number of packages of the ecosystem seeded with it
     * @param keyword empty for none
     */
    public record Seed(
            String ecosystem,
            String name,
            String version,
            String licence,
            String systems,
            int dependents,
            boolean withdrawn,
            String summary,
            String keyword) {
        public Seed(
                String ecosystem,
                String name,
                String version,
                String licence,
                String systems,
                int dependents,
                boolean withdrawn,
                String summary) {
            this(ecosystem, name, version, licence, systems, dependents, withdrawn, summary, "");
        }

        public static Seed of(String ecosystem, String name, String summary) {
            return new Seed(ecosystem, name, "1.0.0", "MIT", "", 0, false, summary);
        }

        public static Seed parse(String line) {
            var f = line.split("\t", -1);
            return new Seed(f[0], f[1], f[2], f[3], f[4], Integer.parseInt(f[5]), f[6].equals("withdrawn"), f[7]);
        }
    }

    public Cache cache(boolean open) {
        long domain = number("insert into dedup_domain default values returning id");
        var cache = QuarkusTransaction.requiringNew()
                .call(() -> caches.create("search-test-" + CACHES.incrementAndGet(), "", open, domain));
        number("""
                insert into nar (domain_id, nar_hash, nar_size, kind, encoding, file_size, inline)
                values (%d, sha256('seed'), 120, 0, gen_random_uuid(), 3, '') returning id""".formatted(domain));
        return cache;
    }

    public void add(Cache cache, List<Seed> seeds) {
        try (var connection = database.getConnection()) {
            connection.setAutoCommit(false);
            stage(connection, seeds);
            for (var statement : INSERTS) {
                try (var insert = connection.prepareStatement(statement.replace(":cache", Long.toString(cache.id())))) {
                    insert.executeUpdate();
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public void run(String statement) {
        try (var connection = database.getConnection();
                var running = connection.prepareStatement(statement)) {
            running.execute();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private long number(String query) {
        try (var connection = database.getConnection();
                var asked = connection.prepareStatement(query);
                var rows = asked.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void stage(Connection connection, List<Seed> seeds) throws SQLException {
        try (var staged = connection.prepareStatement("""
                create temporary table seed on commit drop as
                select s.*, nextval('seed_hash') as n from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) with ordinality
                  as s (ecosystem, name, version, licence, systems, dependents, withdrawn, summary, keyword, ord)""");
                var sequence = connection.prepareStatement("create sequence if not exists seed_hash")) {
            sequence.execute();
            staged.setArray(1, texts(connection, seeds, Seed::ecosystem));
            staged.setArray(2, texts(connection, seeds, Seed::name));
            staged.setArray(3, texts(connection, seeds, Seed::version));
            staged.setArray(4, texts(connection, seeds, Seed::licence));
            staged.setArray(5, texts(connection, seeds, Seed::systems));
            staged.setArray(
                    6,
                    connection.createArrayOf(
                            "int", seeds.stream().map(Seed::dependents).toArray()));
            staged.setArray(
                    7,
                    connection.createArrayOf(
                            "boolean", seeds.stream().map(Seed::withdrawn).toArray()));
            staged.setArray(8, texts(connection, seeds, Seed::summary));
            staged.setArray(9, texts(connection, seeds, Seed::keyword));
            staged.execute();
        }
    }

    private static java.sql.Array texts(Connection connection, List<Seed> seeds, Function<Seed, String> column)
            throws SQLException {
        return connection.createArrayOf("text", seeds.stream().map(column).toArray());
    }

    private static final List<String> INSERTS = List.of("""
            insert into path (cache_id, hash_part, name, nar_id, refs)
            select :cache, lpad(n::text, 32, '0'), 'seed-' || n, (select nar.id from nar join cache using (domain_id)
              where cache.id = :cache limit 1), '{}' from seed""", """
            insert into package (cache_id, ecosystem, name, normalized) select :cache, ecosystem, name, name from seed
            on conflict do nothing""", """
            insert into release (package_id, version, version_key, state, facts, recognizer, published_at)
            select p.id, s.version, convert_to(s.version, 'UTF8'), 'released',
              jsonb_build_object('summary', s.summary, 'licence', s.licence, 'keywords',
                case s.keyword when '' then '[]'::jsonb else jsonb_build_array(s.keyword) end), 1, now()
            from seed s join package p on (p.cache_id, p.ecosystem, p.normalized) = (:cache, s.ecosystem, s.name)""", """
            update package p set default_release = r.id from seed s, release r
            where (p.cache_id, p.ecosystem, p.normalized) = (:cache, s.ecosystem, s.name)
              and r.package_id = p.id and r.version = s.version""", """
            insert into artifact (release_id, build, platform, filename, path_id, byte_offset, length, sha256, origin, state, at)
            select r.id, t.hash_part, system, 'file-' || system, t.id, 0, 120, sha256('seed'), case s.ecosystem when 'nix' then 'path' else 'exact' end, 'released', now()
            from seed s join package p on (p.cache_id, p.ecosystem, p.normalized) = (:cache, s.ecosystem, s.name)
              join release r on r.package_id = p.id and r.version = s.version
              join path t on t.cache_id = :cache and t.hash_part = lpad(s.n::text, 32, '0')
              cross join lateral (select unnest(string_to_array(coalesce(nullif(s.systems, ''), 'any'), ' ')) as system) u""", """
            insert into withdrawal (release_id, kind)
            select r.id, 'deprecated' from seed s join package p
              on (p.cache_id, p.ecosystem, p.normalized) = (:cache, s.ecosystem, s.name) join release r on r.package_id = p.id
            where s.withdrawn""", """
            insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, kind)
            select r.id, s.ord, :cache, s.ecosystem, s.name, s.name, 'runtime' from seed s join lateral (
                select row_number() over (order by d.ord) as place, d.* from seed d where d.ecosystem = s.ecosystem) d
                on d.place <= s.dependents
              join package p on (p.cache_id, p.ecosystem, p.normalized) = (:cache, d.ecosystem, d.name)
              join release r on r.package_id = p.id
            where s.dependents > 0""", """
            with head as (update change_head set seq = seq + (select count(*) from seed) returning seq)
            insert into change (seq, cache_id, kind, package_id, release_id)
            select head.seq - row_number() over (order by s.ord desc) + 1, :cache, 'release', p.id, r.id
            from head, seed s join package p on (p.cache_id, p.ecosystem, p.normalized) = (:cache, s.ecosystem, s.name)
              join release r on r.package_id = p.id and r.version = s.version""");
}
