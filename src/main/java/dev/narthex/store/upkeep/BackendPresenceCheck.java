package dev.narthex.store.upkeep;

import dev.narthex.db.Database;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.PackKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Checks that the backends hold the packs that the database expects. A backend without any of the newest packs is
 * probably the wrong one: another folder, another bucket, or a disk that is not mounted. Continuing with it would give up
 * everything that the right backend holds.
 */
@ApplicationScoped
public class BackendPresenceCheck {
    /** With fewer packs no conclusion is drawn: all of them may be damaged. */
    private static final int MIN_PACKS = 4;

    private static final int SAMPLE_SIZE = 16;

    private final Database database;
    private final ConfiguredBackends backends;

    public BackendPresenceCheck(Database database, ConfiguredBackends backends) {
        this.database = database;
        this.backends = backends;
    }

    /** Whether there are live packs in a backend that is not configured. */
    public boolean hasUnreachablePacks() {
        var configuredNumbers = backends.all().stream().map(Backend::number).toList();
        var next = findNextBackend(-1);
        while (next.filter(configuredNumbers::contains).isPresent()) {
            next = findNextBackend(next.get());
        }
        return next.isPresent();
    }

    /** Returns the next backend number with live packs. Needs one index lookup per backend, regardless of the number of packs. */
    private Optional<Integer> findNextBackend(int after) {
        return database.statement(
                        "SELECT backend FROM pack WHERE state = 'L' AND backend > :after ORDER BY backend LIMIT 1")
                .bind("after", after)
                .first()
                .map(row -> row.intValue("backend"));
    }

    /** Returns a backend without any of the newest packs, if there is one. */
    public Optional<Backend> findBackendWithoutPacks() throws IOException {
        for (var backend : backends.all()) {
            var newest = listNewest(backend);
            if (newest.size() >= MIN_PACKS && !containsAny(backend, newest)) {
                return Optional.of(backend);
            }
        }
        return Optional.empty();
    }

    private static boolean containsAny(Backend backend, List<PackKey> packs) throws IOException {
        for (var pack : packs) {
            if (backend.size(pack).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private List<PackKey> listNewest(Backend backend) {
        return database.statement("""
                        SELECT d.code, p.key, p.copy FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                        WHERE p.state = 'L' AND p.backend = :backend ORDER BY p.id DESC LIMIT :limit""")
                .bind("backend", backend.number())
                .bind("limit", SAMPLE_SIZE)
                .list(PackKey::of);
    }
}
