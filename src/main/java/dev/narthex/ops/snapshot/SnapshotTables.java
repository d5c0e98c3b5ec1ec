package dev.narthex.ops.snapshot;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Lists the tables that a snapshot contains, from the database's own catalog. */
final class SnapshotTables {
    /**
     * Not in snapshots: deduplication hints, which the store rebuilds; the history that migrations write; each replica's own
     * position in the change log; pending client logins, which live for minutes and contain a token; and the list of snapshots
     * itself.
     */
    private static final Set<String> EXCLUDED = Set.of(
            "chunk_hint", "flyway_schema_history", "follower", "client_login", "snapshot", RestoreCommand.MARKER_TABLE);

    private static final String COLUMNS = """
            SELECT t.relname, a.attname FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
            WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
              AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY t.relname, a.attnum""";
    private static final String REFERENCES = """
            SELECT t.relname, r.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
              JOIN pg_class r ON r.oid = c.confrelid
            WHERE c.contype = 'f' AND t.oid <> r.oid AND t.relnamespace = current_schema()::regnamespace""";

    private SnapshotTables() {}

    /** @param columns in their order, without generated columns */
    record TableColumns(String name, List<String> columns) {
        /** Returns the table and column list for COPY. */
        String columnsText() {
            return quote(name) + " ("
                    + columns.stream().map(SnapshotTables::quote).collect(Collectors.joining(", ")) + ")";
        }
    }

    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Returns the tables in dependency order: each after the tables that it references. */
    static List<TableColumns> list(Connection connection) throws SQLException {
        var columns = queryPairs(connection, COLUMNS);
        columns.keySet().removeAll(EXCLUDED);
        var references = queryPairs(connection, REFERENCES);
        var pending = new HashMap<String, Set<String>>();
        columns.keySet().forEach(name -> {
            var dependencies = new HashSet<>(references.getOrDefault(name, List.of()));
            dependencies.retainAll(columns.keySet());
            pending.put(name, dependencies);
        });
        var ordered = new ArrayList<TableColumns>();
        while (!pending.isEmpty()) {
            var ready = pending.keySet().stream()
                    .filter(name -> pending.getOrDefault(name, Set.of()).isEmpty())
                    .sorted()
                    .toList();
            if (ready.isEmpty()) {
                throw new IllegalStateException("tables refer to each other in a ring: " + pending.keySet());
            }
            for (var name : ready) {
                ordered.add(new TableColumns(name, columns.getOrDefault(name, List.of())));
                pending.remove(name);
            }
            pending.values().forEach(dependencies -> dependencies.removeAll(ready));
        }
        return ordered;
    }

    private static Map<String, List<String>> queryPairs(Connection connection, String query) throws SQLException {
        var pairs = new LinkedHashMap<String, List<String>>();
        try (var select = connection.prepareStatement(query);
                var rows = select.executeQuery()) {
            while (rows.next()) {
                pairs.computeIfAbsent(rows.getString(1), name -> new ArrayList<>())
                        .add(rows.getString(2));
            }
        }
        return pairs;
    }
}
