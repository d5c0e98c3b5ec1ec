package dev.narthex.store.upkeep;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;

/** Statistics of the packs: how much is stored and how much will be deleted soon. */
@ApplicationScoped
public class PackStats {
    private static final String SELECT_STATS = """
            SELECT count(*) FILTER (WHERE state IN ('L', 'Q')) AS packs,
              coalesce(sum(bytes) FILTER (WHERE state IN ('L', 'Q')), 0) AS bytes,
              coalesce(sum(raw_bytes) FILTER (WHERE state IN ('L', 'Q')), 0) AS raw_bytes,
              count(*) FILTER (WHERE state = 'W') AS writing,
              count(*) FILTER (WHERE state = 'C') AS leaving,
              coalesce(sum(bytes) FILTER (WHERE state = 'C'), 0) AS leaving_bytes,
              min(next_try) FILTER (WHERE state = 'C') AS next_try,
              (SELECT count(*) FROM pack_suspect) AS suspects
            FROM pack""";

    private final Database database;

    PackStats(Database database) {
        this.database = database;
    }

    /**
     * Statistics of all packs in all domains.
     *
     * @param bytes stored size of the live and damaged packs
     * @param rawBytes their size before compression
     * @param writing number of packs that uploads are writing
     * @param leaving number of unreferenced packs, which are deleted from {@code nextDeletion} on
     * @param suspects number of queued packs that lost a reference; the next sweep checks them
     */
    public record PackTotals(
            long packs,
            long bytes,
            long rawBytes,
            long writing,
            long leaving,
            long leavingBytes,
            Optional<Instant> nextDeletion,
            long suspects) {}

    public PackTotals query() {
        var row = database.statement(SELECT_STATS).one();
        return new PackTotals(
                row.longValue("packs"),
                row.longValue("bytes"),
                row.longValue("raw_bytes"),
                row.longValue("writing"),
                row.longValue("leaving"),
                row.longValue("leaving_bytes"),
                row.optionalInstant("next_try"),
                row.longValue("suspects"));
    }
}
