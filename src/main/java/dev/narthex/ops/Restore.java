package dev.narthex.ops;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.store.Backend;
import dev.narthex.store.Recovery;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The command {@code restore}: fills an empty database from a snapshot and the store.
 *
 * <p>First the schema is migrated to its version at the time of the snapshot. Then one transaction fills all tables and sets a
 * mark. After that the schema is migrated to the current version, the snapshot is compared with the store, newer packs are read,
 * and the mark is removed. If the command is killed before the transaction commits, the database stays empty. If it is killed
 * later, the mark prevents servers from starting, and running the command again continues. So it is always safe to run again.
 */
final class Restore {
    /** A table that exists until a restore is complete; contains the id of the snapshot. */
    static final String MARK = "restoring";

    /** Used instead of an id: the newest snapshot. */
    static final String LATEST = "latest";

    /** Tables that have rows in every database that was used. */
    private static final List<String> TELLING = List.of("cache", "token", "person", "nar");

    private final List<Backend> backends;
    private final Map<String, Backend> snapshots;
    private final Database database;

    /** @param snapshots ids, with the backends that have them */
    private Restore(List<Backend> backends, Map<String, Backend> snapshots, Database database) {
        this.backends = backends;
        this.snapshots = snapshots;
        this.database = database;
    }

    /** @param wanted id of a snapshot, or {@link #LATEST} */
    static void run(Path dataFolder, String wanted) throws IOException, InterruptedException {
        var folder = dataFolder.toAbsolutePath().normalize();
        try {
            var backends = CommandDatabase.store(folder).all();
            var snapshots = new TreeMap<String, Backend>();
            for (var backend : backends) {
                Manifest.ids(backend).forEach(id -> snapshots.putIfAbsent(id, backend));
            }
            if (snapshots.isEmpty()) {
                throw new StartException("There is no snapshot in the store of " + folder
                        + (backends.size() > 1 ? " or in the bucket" : "")
                        + ". Another data folder is named with --data; nothing was changed.");
            }
            var id = choose(snapshots, wanted);
            CommandDatabase.alone(folder, database -> new Restore(backends, snapshots, database).from(id));
        } catch (SQLException e) {
            throw new StartException("Not restored: " + e.getMessage() + ". The same command may be run again.");
        }
    }

    private static String choose(NavigableMap<String, Backend> snapshots, String wanted) {
        if (wanted.equals(LATEST)) {
            return snapshots.lastKey();
        }
        if (!snapshots.containsKey(wanted)) {
            throw new StartException("There is no snapshot " + wanted + ". There are "
                    + String.join(", ", snapshots.descendingKeySet()) + "; nothing was changed.");
        }
        return wanted;
    }

    private void from(String wanted) throws IOException, SQLException {
        try (var connection = CommandDatabase.connect(database)) {
            var begun = marked(connection);
            if (begun.isPresent() && !begun.get().equals(wanted)) {
                say("This database was begun to be restored from " + begun.get() + ", which goes on.");
            }
            var id = begun.orElse(wanted);
            var backend = snapshots.get(id);
            if (backend == null) {
                throw new StartException("The snapshot " + id + " is not in the store any more.");
            }
            var manifest = Manifest.read(backend, id);
            if (begun.isEmpty()) {
                fill(connection, backend, manifest);
            }
            Schema.migrate(database, Optional.empty());
            // The queries below, and the server, need statistics before autovacuum would collect them, in about a
            // minute.
            execute(connection, "ANALYZE");
            var found = Recovery.run(connection, backends);
            for (var each : backends) {
                SnapshotRows.enterAll(connection, each, SnapshotConfig.KEEP_DAYS);
            }
            say(summary(connection, manifest, found));
            execute(connection, "DROP TABLE " + MARK);
        }
    }

    private static Optional<String> marked(Connection connection) throws SQLException {
        if (!exists(connection, MARK)) {
            return Optional.empty();
        }
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT snapshot FROM " + MARK)) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /** Returns whether a restore of this database is incomplete. */
    static boolean unfinished(Connection connection) throws SQLException {
        return exists(connection, MARK);
    }

    private static boolean exists(Connection connection, String table) throws SQLException {
        try (var select = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            select.setString(1, table);
            try (var row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private void fill(Connection connection, Backend backend, Manifest manifest) throws IOException, SQLException {
        requireEmpty(connection);
        say("Restoring snapshot " + manifest.id() + " of " + manifest.begun() + ".");
        Schema.migrate(database, Optional.of(manifest.schema()));
        connection.setAutoCommit(false);
        try {
            for (var table : manifest.tables()) {
                execute(connection, "TRUNCATE " + Tables.quoted(table.name()) + " CASCADE");
            }
            for (var table : manifest.tables()) {
                copy(connection, backend, manifest.id(), table);
            }
            begin(connection, manifest);
            connection.commit();
        } catch (SQLException | IOException | RuntimeException e) {
            connection.rollback();
            throw e;
        }
        connection.setAutoCommit(true);
    }

    /** Even a server that was only started once has created a cache and a token. */
    private void requireEmpty(Connection connection) throws SQLException {
        for (var table : TELLING) {
            if (exists(connection, table)
                    && number(connection, "SELECT count(*) FROM (SELECT FROM " + table + " LIMIT 1) x") > 0) {
                throw new StartException("The database at " + database.address() + " is not empty, and a restore would"
                        + " mix two states: give it an empty one. (The embedded one is the folder postgres of the data"
                        + " folder: move it away.) Nothing was changed.");
            }
        }
    }

    private static void copy(Connection connection, Backend backend, String snapshot, Manifest.Table table)
            throws IOException, SQLException {
        var key = table.key(snapshot);
        long size = backend.size(key).orElse(0);
        var sha256 = HashAlgorithm.SHA256.digest();
        long rows;
        try (var in = new DigestInputStream(
                new BufferedInputStream(new ZstdInputStreamNoFinalizer(backend.open(key, 0, size))), sha256)) {
            var columns = new Tables.Table(table.name(), table.columns());
            rows = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + columns.columnsText() + " FROM STDIN", in);
        } catch (IOException e) {
            throw damaged(snapshot, table, e.getMessage());
        }
        if (rows != table.rows() || !HexFormat.of().formatHex(sha256.digest()).equals(table.sha256())) {
            throw damaged(snapshot, table, "it is not what was written");
        }
    }

    private static StartException damaged(String snapshot, Manifest.Table table, @Nullable String why) {
        return new StartException("The table " + table.name() + " of snapshot " + snapshot + " is damaged: " + why
                + ". Nothing was restored; choose another one with --snapshot.");
    }

    /**
     * Resets what must differ after a restore: sequences continue after the restored ids, followers of the change log start over,
     * and no job counts as running.
     */
    private static void begin(Connection connection, Manifest manifest) throws SQLException {
        for (var identity : identities(connection)) {
            execute(connection, identity);
        }
        execute(connection, "UPDATE change_head SET epoch = gen_random_uuid()");
        execute(
                connection,
                "UPDATE scheduled_tasks SET picked = false, picked_by = NULL, last_heartbeat = NULL, version = version + 1");
        execute(connection, "CREATE TABLE " + MARK + " (snapshot text NOT NULL)");
        try (var insert = connection.prepareStatement("INSERT INTO " + MARK + " VALUES (?)")) {
            insert.setString(1, manifest.id());
            insert.executeUpdate();
        }
    }

    private static List<String> identities(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement("""
                        SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 1), max(%I) IS NOT NULL) FROM %I',
                          quote_ident(t.relname), a.attname, a.attname, a.attname, t.relname)
                        FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
                        WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' AND a.attidentity <> ''
                          AND NOT a.attisdropped ORDER BY t.relname""");
                var rows = select.executeQuery()) {
            var statements = new ArrayList<String>();
            while (rows.next()) {
                statements.add(rows.getString(1));
            }
            return statements;
        }
    }

    private static String summary(Connection connection, Manifest manifest, Recovery.Found found) throws SQLException {
        var text = new StringJoiner(System.lineSeparator());
        text.add("Restored "
                + many(number(connection, "SELECT count(*) FROM cache WHERE removed_at IS NULL"), "cache") + ", "
                + many(number(connection, "SELECT count(*) FROM path"), "store path") + " and "
                + many(number(connection, "SELECT count(*) FROM package"), "package") + " as they were at "
                + manifest.begun() + ".");
        if (found.newNars() > 0) {
            text.add("Newer, in the store: " + many(found.newNars(), "NAR")
                    + ", kept for a week, and taken up when their paths are pushed again.");
        }
        if (found.mended() > 0) {
            text.add("Stored anew since then: " + many(found.mended(), "NAR") + ", which have those bytes.");
        }
        if (found.leftOver() > 0) {
            text.add("Of no use, to be collected: " + many(found.leftOver(), "newer pack") + ".");
        }
        if (found.ofOthers() > 0) {
            text.add("Of caches that were made later: " + many(found.ofOthers(), "pack")
                    + ", which stay in the store without anything that leads to them.");
        }
        long lost = number(connection, "SELECT count(*) FROM nar WHERE state = 'B'");
        text.add(
                lost == 0
                        ? "Everything that the snapshot names is there."
                        : "Missing: the bytes of " + many(lost, "NAR") + ", whose paths count as absent until they are"
                                + " pushed again with nix copy --refresh; /admin/storage lists them.");
        return text.toString();
    }

    private static String many(long count, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
