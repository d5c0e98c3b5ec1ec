package dev.narthex.ops.snapshot;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.ops.postgres.DatabaseLocation;
import dev.narthex.ops.postgres.OfflineDatabase;
import dev.narthex.ops.postgres.SchemaMigration;
import dev.narthex.ops.settings.StartException;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.upkeep.StoreRecovery;
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
public final class RestoreCommand {
    /** A table that exists until a restore is complete; contains the id of the snapshot. */
    static final String MARKER_TABLE = "restoring";

    /** Used instead of an id: the newest snapshot. */
    public static final String LATEST = "latest";

    /** Tables that have rows in every database that was used. */
    private static final List<String> INDICATOR_TABLES = List.of("cache", "token", "person", "nar");

    private final List<Backend> backends;
    private final Map<String, Backend> snapshots;
    private final DatabaseLocation database;

    /** @param snapshots ids, with the backends that have them */
    private RestoreCommand(List<Backend> backends, Map<String, Backend> snapshots, DatabaseLocation database) {
        this.backends = backends;
        this.snapshots = snapshots;
        this.database = database;
    }

    /** @param requestedId id of a snapshot, or {@link #LATEST} */
    public static void run(Path dataFolder, String requestedId) throws IOException, InterruptedException {
        var folder = dataFolder.toAbsolutePath().normalize();
        try {
            var backends = OfflineDatabase.openBackends(folder).all();
            var snapshots = new TreeMap<String, Backend>();
            for (var backend : backends) {
                SnapshotManifest.listIds(backend).forEach(id -> snapshots.putIfAbsent(id, backend));
            }
            if (snapshots.isEmpty()) {
                throw new StartException("There is no snapshot in the store of " + folder
                        + (backends.size() > 1 ? " or in the bucket" : "")
                        + ". Choose another data folder with --data; nothing was changed.");
            }
            var id = chooseId(snapshots, requestedId);
            OfflineDatabase.withExclusiveDatabase(
                    folder, database -> new RestoreCommand(backends, snapshots, database).restore(id));
        } catch (SQLException e) {
            throw new StartException("Not restored: " + e.getMessage() + ". The same command may be run again.");
        }
    }

    private static String chooseId(NavigableMap<String, Backend> snapshots, String requestedId) {
        if (requestedId.equals(LATEST)) {
            return snapshots.lastKey();
        }
        if (!snapshots.containsKey(requestedId)) {
            throw new StartException("There is no snapshot " + requestedId + ". There are "
                    + String.join(", ", snapshots.descendingKeySet()) + "; nothing was changed.");
        }
        return requestedId;
    }

    private void restore(String requestedId) throws IOException, SQLException {
        try (var connection = OfflineDatabase.connect(database)) {
            var markedId = findMarkedId(connection);
            if (markedId.isPresent() && !markedId.get().equals(requestedId)) {
                print("This database was begun to be restored from " + markedId.get() + ", which goes on.");
            }
            var id = markedId.orElse(requestedId);
            var backend = snapshots.get(id);
            if (backend == null) {
                throw new StartException("The snapshot " + id + " is no longer in the store.");
            }
            var manifest = SnapshotManifest.read(backend, id);
            if (markedId.isEmpty()) {
                fill(connection, backend, manifest);
            }
            SchemaMigration.migrate(database, Optional.empty());
            // The queries below, and the server, need statistics before autovacuum would collect them, in about a
            // minute.
            execute(connection, "ANALYZE");
            var recovery = StoreRecovery.run(connection, backends);
            for (var storeBackend : backends) {
                SnapshotRows.insertAll(connection, storeBackend, SnapshotConfig.KEEP_DAYS);
            }
            print(summary(connection, manifest, recovery));
            execute(connection, "DROP TABLE " + MARKER_TABLE);
        }
    }

    private static Optional<String> findMarkedId(Connection connection) throws SQLException {
        if (!exists(connection, MARKER_TABLE)) {
            return Optional.empty();
        }
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT snapshot FROM " + MARKER_TABLE)) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /** Returns whether a restore of this database is incomplete. */
    public static boolean isUnfinished(Connection connection) throws SQLException {
        return exists(connection, MARKER_TABLE);
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

    private void fill(Connection connection, Backend backend, SnapshotManifest manifest)
            throws IOException, SQLException {
        requireEmpty(connection);
        if (!SchemaMigration.isKnown(database, manifest.schema())) {
            throw new StartException("The schema of snapshot " + manifest.id() + " has version " + manifest.schema()
                    + ", which this program does not know. Restore it with the version of Narthex that wrote it."
                    + " Nothing was changed.");
        }
        print("Restoring snapshot " + manifest.id() + " of " + manifest.begun() + ".");
        SchemaMigration.migrate(database, Optional.of(manifest.schema()));
        connection.setAutoCommit(false);
        try {
            for (var table : manifest.tables()) {
                execute(connection, "TRUNCATE " + SnapshotTables.quote(table.name()) + " CASCADE");
            }
            for (var table : manifest.tables()) {
                copyTable(connection, backend, manifest.id(), table);
            }
            resetState(connection, manifest);
            connection.commit();
        } catch (SQLException | IOException | RuntimeException e) {
            connection.rollback();
            throw e;
        }
        connection.setAutoCommit(true);
    }

    /** Even a server that was only started once has created a cache and a token. */
    private void requireEmpty(Connection connection) throws SQLException {
        for (var table : INDICATOR_TABLES) {
            if (exists(connection, table)
                    && queryNumber(connection, "SELECT count(*) FROM (SELECT FROM " + table + " LIMIT 1) x") > 0) {
                throw new StartException(
                        "The database at " + database.redactedUrl() + " is not empty, and a restore would"
                                + " mix two states: give it an empty one. (The embedded one is the folder postgres of the data"
                                + " folder: move it away.) Nothing was changed.");
            }
        }
    }

    private static void copyTable(
            Connection connection, Backend backend, String snapshot, SnapshotManifest.TableEntry table)
            throws IOException, SQLException {
        var key = table.key(snapshot);
        long size = backend.size(key).orElse(0);
        var sha256 = HashAlgorithm.SHA256.newDigest();
        long rows;
        try (var in = new DigestInputStream(
                new BufferedInputStream(new ZstdInputStreamNoFinalizer(backend.open(key, 0, size))), sha256)) {
            var columns = new SnapshotTables.TableColumns(table.name(), table.columns());
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

    private static StartException damaged(String snapshot, SnapshotManifest.TableEntry table, @Nullable String why) {
        return new StartException("The table " + table.name() + " of snapshot " + snapshot + " is damaged: " + why
                + ". Nothing was restored; choose another one with --snapshot.");
    }

    /**
     * Resets what must differ after a restore: sequences continue after the restored ids, followers of the change log start over,
     * and no job counts as running.
     */
    private static void resetState(Connection connection, SnapshotManifest manifest) throws SQLException {
        for (var statement : sequenceStatements(connection)) {
            execute(connection, statement);
        }
        execute(connection, "UPDATE change_head SET epoch = gen_random_uuid()");
        execute(
                connection,
                "UPDATE scheduled_tasks SET picked = false, picked_by = NULL, last_heartbeat = NULL, version = version + 1");
        execute(connection, "CREATE TABLE " + MARKER_TABLE + " (snapshot text NOT NULL)");
        try (var insert = connection.prepareStatement("INSERT INTO " + MARKER_TABLE + " VALUES (?)")) {
            insert.setString(1, manifest.id());
            insert.executeUpdate();
        }
    }

    private static List<String> sequenceStatements(Connection connection) throws SQLException {
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

    private static String summary(
            Connection connection, SnapshotManifest manifest, StoreRecovery.RecoveryResult recovery)
            throws SQLException {
        var text = new StringJoiner(System.lineSeparator());
        text.add("Restored "
                + pluralize(queryNumber(connection, "SELECT count(*) FROM cache WHERE removed_at IS NULL"), "cache")
                + ", "
                + pluralize(queryNumber(connection, "SELECT count(*) FROM path"), "store path") + " and "
                + pluralize(queryNumber(connection, "SELECT count(*) FROM package"), "package") + " as they were at "
                + manifest.begun() + ".");
        if (recovery.newNars() > 0) {
            text.add("Newer, in the store: " + pluralize(recovery.newNars(), "NAR")
                    + ", kept for a week, and reused when their paths are pushed again.");
        }
        if (recovery.repairedNars() > 0) {
            text.add("Stored anew since then: " + pluralize(recovery.repairedNars(), "NAR")
                    + ", which have those bytes.");
        }
        if (recovery.condemnedPacks() > 0) {
            text.add("Of no use, to be collected: " + pluralize(recovery.condemnedPacks(), "newer pack") + ".");
        }
        if (recovery.foreignPacks() > 0) {
            text.add("From caches that were created later: " + pluralize(recovery.foreignPacks(), "pack")
                    + ", which stay in the store without anything that leads to them.");
        }
        long lost = queryNumber(connection, "SELECT count(*) FROM nar WHERE state = 'B'");
        text.add(
                lost == 0
                        ? "Everything that the snapshot names is there."
                        : "Missing: the bytes of " + pluralize(lost, "NAR")
                                + ", whose paths count as absent until they are"
                                + " pushed again with nix copy --refresh; /admin/storage lists them.");
        return text.toString();
    }

    private static String pluralize(long count, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
    }

    private static long queryNumber(Connection connection, String query) throws SQLException {
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

    private static void print(String line) {
        System.out.println(line);
    }
}
