package dev.narthex.store;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether backends hold what the database says. One that holds none of the newest packs is not the one that it was: another
 * folder, another bucket, a disk that is not mounted. To go on with it would be to give up all that the right one has.
 */
@ApplicationScoped
public class Presence {
    /** Of so few that all may be damaged, nothing follows. */
    private static final int LEAST = 4;

    private static final int NEWEST = 16;

    private final Database database;
    private final Backends backends;

    Presence(Database database, Backends backends) {
        this.database = database;
        this.backends = backends;
    }

    /** Whether live packs lie in a backend that this process does not have. */
    public boolean unreachable() {
        var known = backends.all().stream().map(Backend::number).toList();
        var number = next(-1);
        while (number.filter(known::contains).isPresent()) {
            number = next(number.get());
        }
        return number.isPresent();
    }

    /** The next backend that has live packs: one look into the index for each, however many packs there are. */
    private Optional<Integer> next(int after) {
        return database.joined(c -> {
            try (var select = c.prepareStatement(
                    "SELECT backend FROM pack WHERE state = 'L' AND backend > ? ORDER BY backend LIMIT 1")) {
                select.setInt(1, after);
                try (var row = select.executeQuery()) {
                    return row.next() ? Optional.of(row.getInt(1)) : Optional.empty();
                }
            }
        });
    }

    /** A backend that holds none of what it should, if there is one. */
    public Optional<Backend> stranger() throws IOException {
        for (var backend : backends.all()) {
            var newest = newest(backend);
            if (newest.size() >= LEAST && !holdsAny(backend, newest)) {
                return Optional.of(backend);
            }
        }
        return Optional.empty();
    }

    private static boolean holdsAny(Backend backend, List<PackKey> packs) throws IOException {
        for (var pack : packs) {
            if (backend.size(pack).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private List<PackKey> newest(Backend backend) {
        return database.joined(c -> {
            try (var select = c.prepareStatement("""
                    SELECT d.code, p.key, p.copy FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                    WHERE p.state = 'L' AND p.backend = ? ORDER BY p.id DESC LIMIT ?""")) {
                select.setInt(1, backend.number());
                select.setInt(2, NEWEST);
                var found = new ArrayList<PackKey>();
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(PackKey.of(rows));
                    }
                }
                return found;
            }
        });
    }
}
