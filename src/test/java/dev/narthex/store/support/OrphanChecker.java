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
    private static final String LIVE = "L";

    private static final String ROWS = """
            SELECT 'packs/' || d.code || '/' || right(p.key::text, 2) || '/' || p.key
              || CASE p.copy WHEN 0 THEN '' ELSE '.' || p.copy END || ' ' || p.bytes || ' ' || p.state::text
            FROM pack p JOIN dedup_domain d ON d.id = p.domain_id WHERE p.backend = """;

    private OrphanChecker() {}

    /** Objects without a live row that says how long they are, rows that are not live or have no object, and halves of packs. */
    public static List<String> of(Connection connection, List<Backend> backends) throws SQLException, IOException {
        var hashes = new ArrayList<String>();
        for (var backend : backends) {
            var rows = rows(connection, backend);
            try (var objects = backend.list(PackKey.FOLDER)) {
                objects.map(object -> object.path() + " " + object.bytes() + " " + LIVE)
                        .filter(object -> !rows.remove(object))
                        .forEach(object -> hashes.add(backend.name() + " has " + object));
            }
            rows.forEach(row -> hashes.add(backend.name() + " has a row " + row));
            int halves = backend.deleteUnfinished(Duration.ofHours(-1));
            if (halves > 0) {
                hashes.add(backend.name() + " has halves: " + halves);
            }
        }
        return hashes;
    }

    private static Set<String> rows(Connection connection, Backend backend) throws SQLException {
        var found = new HashSet<String>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(ROWS + backend.number())) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
