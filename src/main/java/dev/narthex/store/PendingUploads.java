package dev.narthex.store;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * NARs that nix clients uploaded under {@code nar/}. Clients send the NAR first and its narinfo later, or never. An upload
 * protects its NAR from garbage collection until the upload expires.
 */
@ApplicationScoped
public class PendingUploads {
    private final Database database;

    public PendingUploads(Database database) {
        this.database = database;
    }

    /**
     * Records an upload within the caller's transaction. If the file name is already used in this cache, the new NAR replaces
     * the old one.
     */
    public void recordUpload(long cacheId, String fileName, long narId) {
        database.statement("""
                        INSERT INTO nar_upload (cache_id, file_name, nar_id) VALUES (:cache, :file, :nar)
                        ON CONFLICT (cache_id, file_name) DO UPDATE SET nar_id = EXCLUDED.nar_id, at = now()""")
                .bind("cache", cacheId)
                .bind("file", fileName)
                .bind("nar", narId)
                .update();
    }

    public Optional<Long> findNarId(long cacheId, String fileName) {
        return database.statement("SELECT nar_id FROM nar_upload WHERE cache_id = :cache AND file_name = :file")
                .bind("cache", cacheId)
                .bind("file", fileName)
                .first()
                .map(row -> row.longValue("nar_id"));
    }

    /** Deletes the uploads of these NARs from a cache, within the caller's transaction. */
    public int delete(long cacheId, Collection<Long> narIds) {
        return database.statement("DELETE FROM nar_upload WHERE cache_id = :cache AND nar_id = ANY (:nars)")
                .bind("cache", cacheId)
                .bindIds("nars", narIds)
                .update();
    }

    /**
     * Deletes uploads that are older than {@code age}.
     *
     * @return the number of deleted uploads
     */
    public int deleteOlderThan(Duration age) {
        return database.inNewTransaction(
                () -> database.statement("DELETE FROM nar_upload WHERE at < now() - make_interval(secs => :age)")
                        .bind("age", age)
                        .update());
    }
}
