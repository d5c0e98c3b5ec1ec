package dev.narthex.vault.imports;

import dev.narthex.db.Row;
import java.time.Instant;
import java.util.List;

/**
 * An import of another binary cache into a cache of this server.
 *
 * @param source URL of the other cache
 * @param listing whether the source's own list of paths is yet to be read
 * @param trustedKeys if not empty, only paths signed by one of these keys are imported
 * @param privateAddresses whether the source may have a private network address
 * @param state running, done or stopped
 * @param note why it stopped; else empty
 * @param by name of the principal who started it
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
                row.longValue("id"),
                row.longValue("cache_id"),
                row.string("source"),
                row.bool("listing"),
                row.strings("trusted_keys"),
                row.bool("private_addresses"),
                row.string("state"),
                row.string("note"),
                row.string("started_by"),
                row.instant("started_at"));
    }

    public boolean running() {
        return state.equals("running");
    }

    /** Parameters of an import; see {@link ImportRun}. */
    public record ImportParams(
            String source, boolean listing, List<String> trustedKeys, boolean privateAddresses, String by) {}
}
