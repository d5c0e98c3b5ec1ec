package dev.narthex.store;

import dev.narthex.db.StoreDatabase;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.ContentDefinedChunker;
import jakarta.enterprise.context.ApplicationScoped;

/** The dedup domains of the store. NARs share bytes within a domain, never across domains. */
@ApplicationScoped
public class DedupDomains {
    private final StoreDatabase database;

    public DedupDomains(StoreDatabase database) {
        this.database = database;
    }

    /**
     * A dedup domain and its storage parameters.
     *
     * @param code 8 hex digits, part of every pack key
     * @param chunkMin minimum chunk size in bytes, as for casync; chunk sizes are fixed when the domain is created
     * @param chunkAvg target chunk size in bytes
     * @param chunkMax maximum chunk size in bytes
     * @param level zstd compression level
     */
    public record Domain(long id, String code, int chunkMin, int chunkAvg, int chunkMax, int level) {
        ContentDefinedChunker chunker() {
            return new ContentDefinedChunker(chunkMin, chunkAvg, chunkMax);
        }
    }

    /** Creates a domain with the default parameters, within the caller's transaction if there is one. */
    public long create() {
        return database.inTransaction(c -> {
            try (var insert = c.prepareStatement("INSERT INTO dedup_domain DEFAULT VALUES RETURNING id");
                    var row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    public Domain get(long id) {
        return database.inTransaction(c -> {
            try (var select = c.prepareStatement(
                    "SELECT code, chunk_min, chunk_avg, chunk_max, level FROM dedup_domain WHERE id = ?")) {
                select.setLong(1, id);
                try (var row = select.executeQuery()) {
                    if (!row.next()) {
                        throw Problem.notFound("domain", Long.toString(id));
                    }
                    return new Domain(id, row.getString(1), row.getInt(2), row.getInt(3), row.getInt(4), row.getInt(5));
                }
            }
        });
    }
}
