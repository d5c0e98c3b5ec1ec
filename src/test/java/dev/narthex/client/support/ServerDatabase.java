package dev.narthex.client.support;

import dev.narthex.ops.postgres.DatabaseLocation;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.support.OrphanChecker;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The embedded database of a running server, to inspect and prepare rows. */
public final class ServerDatabase implements AutoCloseable {
    /** Tables that only pushes change; recognition runs in the background and changes others. */
    private static final List<String> PUSHED =
            List.of("nar", "nar_upload", "path", "observation", "build_log", "derivation_meta");

    private final Connection connection;

    public ServerDatabase(Server server) throws IOException, SQLException {
        var folder = server.data().resolve("postgres/17");
        var port =
                Files.readAllLines(folder.resolve("data/postmaster.pid")).get(3).strip();
        var password = Files.readString(folder.resolve("password")).strip();
        connection =
                DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/narthex", "narthex", password);
    }

    /** Connects to another database than the embedded one. */
    public ServerDatabase(DatabaseLocation database) throws SQLException {
        connection = DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    public Map<String, Long> counts() throws SQLException {
        var counts = new TreeMap<String, Long>();
        for (var table : PUSHED) {
            counts.put(table, number("select count(*) from " + table));
        }
        return counts;
    }

    public long number(String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    public String text(String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    byte[] bytes(String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getBytes(1);
        }
    }

    public void change(String statement) throws SQLException {
        try (var change = connection.createStatement()) {
            change.execute(statement);
        }
    }

    /** The scheduler polls twice a second; jobs of a killed server are normally retried later. */
    public void hasten(String job) throws SQLException {
        change("update scheduled_tasks set execution_time = now(), picked = false, picked_by = null,"
                + " last_heartbeat = null where task_name = '" + job + "'");
    }

    /** Waits for the end of a sweep that started after this call. */
    public void sweep() throws Exception {
        long before = number("select extract(epoch from now())::bigint");
        TimeUnit.SECONDS.sleep(1);
        hasten("sweep");
        Poll.until(
                "the sweep has ended",
                () -> number("select count(*) from scheduled_tasks where task_name = 'sweep' and not picked"
                                + " and extract(epoch from last_success)::bigint > " + before)
                        == 1);
    }

    /** Returns differences between database and store, without unused backends. */
    public List<String> orphans(List<Backend> backends) throws SQLException, IOException {
        return OrphanChecker.of(connection, backends);
    }

    /** Creates a cache like "main" in its own dedup domain, unless it exists. */
    public void cache(String name, boolean open) throws SQLException {
        if (number("select count(*) from cache where name = '" + name + "'") > 0) {
            return;
        }
        try (var statement = connection.createStatement()) {
            statement.execute("""
                    with domain as (
                      insert into dedup_domain (chunk_min, chunk_avg, chunk_max)
                      select chunk_min, chunk_avg, chunk_max from dedup_domain order by id limit 1 returning id),
                    made as (
                      insert into cache (name, domain_id, public) select '%s', id, %s from domain returning id),
                    used as (insert into cache_usage (cache_id) select id from made)
                    select count(*) from made""".formatted(name, open));
        }
    }

    /** Withdraws a release, like its publisher. */
    public void withdraw(String name, String version, String kind) throws SQLException {
        withdraw(name, version, kind, "");
    }

    public void withdraw(String name, String version, String kind, String reason) throws SQLException {
        change("""
                insert into withdrawal (release_id, kind, reason) select r.id, '%s', '%s' from release r
                join package p on p.id = r.package_id where p.name = '%s' and r.version = '%s'""".formatted(kind, reason, name, version));
    }

    /** Stores ecosystem state of a package with its change log entry. */
    public void state(String name, String key, String json) throws SQLException {
        change("""
                with kept as (insert into ecosystem_state (cache_id, ecosystem, package_id, key, body)
                  select cache_id, ecosystem, id, '%s', '%s' from package where name = '%s' returning cache_id, package_id),
                head as (update change_head set seq = seq + 1 returning seq)
                insert into change (seq, cache_id, kind, package_id) select seq, cache_id, 'package', package_id from head, kept""".formatted(key, json, name));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
