package dev.narthex.store;

import dev.narthex.db.Database;
import dev.narthex.problem.Problem;
import dev.narthex.store.pack.ContentDefinedChunker;
import jakarta.enterprise.context.ApplicationScoped;

/** The dedup domains of the store. NARs share bytes within a domain, never across domains. */
@ApplicationScoped
public class DedupDomains {
    private final Database database;

    public DedupDomains(Database database) {
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
        return database.statement("INSERT INTO dedup_domain DEFAULT VALUES RETURNING id")
                .one()
                .longValue("id");
    }

    public Domain get(long id) {
        return database.statement(
                        "SELECT code, chunk_min, chunk_avg, chunk_max, level FROM dedup_domain WHERE id = :id")
                .bind("id", id)
                .first()
                .map(row -> new Domain(
                        id,
                        row.string("code"),
                        row.intValue("chunk_min"),
                        row.intValue("chunk_avg"),
                        row.intValue("chunk_max"),
                        row.intValue("level")))
                .orElseThrow(() -> Problem.notFound("domain", Long.toString(id)));
    }
}
