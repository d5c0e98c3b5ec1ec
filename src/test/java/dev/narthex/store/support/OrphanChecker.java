package dev.narthex.store.support;

import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Compares the objects in backends with the rows of packs. */
public final class OrphanChecker {
    private static final String LIVE_STATE = "L";

    private static final String SELECT_ROWS = """
            SELECT 'packs/' || d.code || '/' || right(p.key::text, 2) || '/' || p.key
              || CASE p.copy WHEN 0 THEN '' ELSE '.' || p.copy END || ' ' || p.bytes || ' ' || p.state::text
            FROM pack p JOIN dedup_domain d ON d.id = p.domain_id WHERE p.backend = """;

    private OrphanChecker() {}

    /** Returns objects without a live row of that length, rows that are not live or have no object, and unfinished packs. */
    public static List<String> of(Connection connection, List<Backend> backends) throws SQLException, IOException {
        var orphans = new ArrayList<String>();
        for (var backend : backends) {
            var rows = rows(connection, backend);
            try (var objects = backend.list(PackKey.FOLDER)) {
                objects.map(object -> object.path() + " " + object.bytes() + " " + LIVE_STATE)
                        .filter(object -> !rows.remove(object))
                        .forEach(object -> orphans.add(backend.name() + " has " + object));
            }
            rows.forEach(row -> orphans.add(backend.name() + " has a row " + row));
            int unfinished = backend.deleteUnfinished(Duration.ofHours(-1));
            if (unfinished > 0) {
                orphans.add(backend.name() + " has unfinished packs: " + unfinished);
            }
        }
        return orphans;
    }

    private static Set<String> rows(Connection connection, Backend backend) throws SQLException {
        var keys = new HashSet<String>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(SELECT_ROWS + backend.number())) {
            while (rows.next()) {
                keys.add(rows.getString(1));
            }
        }
        return keys;
    }
}
