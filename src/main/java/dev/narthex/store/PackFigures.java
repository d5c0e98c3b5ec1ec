package dev.narthex.store;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** How much the store holds, and how much of that is about to go. */
@ApplicationScoped
public class PackFigures {
    private static final String FIGURES = """
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

    PackFigures(Database database) {
        this.database = database;
    }

    /**
     * Of all packs, in all domains.
     *
     * @param bytes as they lie in the backend; {@code rawBytes} before they were compressed
     * @param writing packs that pushes write now
     * @param leaving packs that nothing refers to, which are deleted from {@code nextDeletion} on
     * @param suspects packs that lost a reference and are looked at by the next sweep
     */
    public record Figures(
            long packs,
            long bytes,
            long rawBytes,
            long writing,
            long leaving,
            long leavingBytes,
            Optional<Instant> nextDeletion,
            long suspects) {}

    public Figures now() {
        return database.joined(c -> {
            try (var select = c.prepareStatement(FIGURES);
                    var row = select.executeQuery()) {
                row.next();
                return new Figures(
                        row.getLong("packs"),
                        row.getLong("bytes"),
                        row.getLong("raw_bytes"),
                        row.getLong("writing"),
                        row.getLong("leaving"),
                        row.getLong("leaving_bytes"),
                        Optional.ofNullable(row.getObject("next_try", OffsetDateTime.class))
                                .map(OffsetDateTime::toInstant),
                        row.getLong("suspects"));
            }
        });
    }
}
