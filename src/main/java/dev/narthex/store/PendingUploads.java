package dev.narthex.store;

import dev.narthex.db.StoreDatabase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * NARs that nix clients uploaded under {@code nar/}. Clients send the NAR first and its narinfo later, or never. An upload
 * protects its NAR from garbage collection until the upload expires.
 */
@ApplicationScoped
public class PendingUploads {
    private final StoreDatabase database;

    public PendingUploads(StoreDatabase database) {
        this.database = database;
    }

    /**
     * Records an upload within the caller's transaction. If the file name is already used in this cache, the new NAR replaces
     * the old one.
     */
    public void recordUpload(long cacheId, String fileName, long narId) {
        database.inTransaction(c -> {
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

    public Optional<Long> findNarId(long cacheId, String fileName) {
        return database.inTransaction(c -> {
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

    /** Deletes the uploads of these NARs from a cache, within the caller's transaction. */
    public int delete(long cacheId, Collection<Long> narIds) {
        return database.inTransaction(c -> {
            try (var delete = c.prepareStatement("DELETE FROM nar_upload WHERE cache_id = ? AND nar_id = ANY (?)")) {
                delete.setLong(1, cacheId);
                delete.setArray(2, PackLeases.toSqlArray(c, List.copyOf(narIds)));
                return delete.executeUpdate();
            }
        });
    }

    /**
     * Deletes uploads that are older than {@code age}.
     *
     * @return the number of deleted uploads
     */
    public int deleteOlderThan(Duration age) {
        return database.inNewTransaction(c -> {
            try (var delete =
                    c.prepareStatement("DELETE FROM nar_upload WHERE at < now() - make_interval(secs => ?)")) {
                delete.setDouble(1, StoreDatabase.toSeconds(age));
                return delete.executeUpdate();
            }
        });
    }
}
