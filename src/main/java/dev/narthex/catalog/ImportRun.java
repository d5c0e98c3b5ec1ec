package dev.narthex.catalog;

import dev.narthex.sql.Row;
import java.time.Instant;
import java.util.List;

/**
 * An import of another binary cache into a cache here.
 *
 * @param source address of the other cache
 * @param listing whether the source's own list of its paths is still to be read
 * @param trustedKeys if not empty, only what one of them signed is taken
 * @param privateAddresses whether the source may be in a private network
 * @param state running, done or stopped
 * @param note why it stopped; empty otherwise
 * @param by who started it
 */
public record ImportRun(
        long id,
        long cacheId,
        String source,
        boolean listing,
        List<String> trustedKeys,
        boolean privateAddresses,
        String state,
        String note,
        String by,
        Instant startedAt) {
    static ImportRun of(Row row) {
        return new ImportRun(
                row.number("id"),
                row.number("cache_id"),
                row.text("source"),
                row.truth("listing"),
                row.texts("trusted_keys"),
                row.truth("private_addresses"),
                row.text("state"),
                row.text("note"),
                row.text("started_by"),
                row.time("started_at"));
    }

    public boolean running() {
        return state.equals("running");
    }

    /** What is wanted of a source; the members are those of the run. */
    public record Order(
            String source, boolean listing, List<String> trustedKeys, boolean privateAddresses, String by) {}
}
