package dev.narthex.store;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What nix clients sent under {@code nar/}: they send the NAR first and the narinfo that names it later, or never. Until it
 * expires, an upload keeps its NAR.
 */
@ApplicationScoped
public class Uploads {
    private final Database database;

    Uploads(Database database) {
        this.database = database;
    }

    /** Within the caller's transaction. The same name again means the newer NAR. */
    public void remember(long cacheId, String fileName, long narId) {
        database.joined(c -> {
            try (var upsert = c.prepareStatement("""
                    INSERT INTO nar_upload (cache_id, file_name, nar_id) VALUES (?, ?, ?)
                    ON CONFLICT (cache_id, file_name) DO UPDATE SET nar_id = EXCLUDED.nar_id, at = now()""")) {
                upsert.setLong(1, cacheId);
                upsert.setString(2, fileName);
                upsert.setLong(3, narId);
                return upsert.executeUpdate();
            }
        });
    }

    public Optional<Long> narOf(long cacheId, String fileName) {
        return database.joined(c -> {
            try (var select =
                    c.prepareStatement("SELECT nar_id FROM nar_upload WHERE cache_id = ? AND file_name = ?")) {
                select.setLong(1, cacheId);
                select.setString(2, fileName);
                try (var row = select.executeQuery()) {
                    return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
                }
            }
        });
    }

    /** Forgets under which names a cache was sent these, within the caller's transaction. */
    public int forget(long cacheId, Collection<Long> narIds) {
        return database.joined(c -> {
            try (var delete = c.prepareStatement("DELETE FROM nar_upload WHERE cache_id = ? AND nar_id = ANY (?)")) {
                delete.setLong(1, cacheId);
                delete.setArray(2, Packs.ids(c, List.copyOf(narIds)));
                return delete.executeUpdate();
            }
        });
    }

    /**
     * Forgets uploads that are older.
     *
     * @return how many
     */
    public int expire(Duration age) {
        return database.alone(c -> {
            try (var delete =
                    c.prepareStatement("DELETE FROM nar_upload WHERE at < now() - make_interval(secs => ?)")) {
                delete.setDouble(1, Database.seconds(age));
                return delete.executeUpdate();
            }
        });
    }
}
