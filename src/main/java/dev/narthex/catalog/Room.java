package dev.narthex.catalog;

import dev.narthex.problem.Problem;
import dev.narthex.sql.Row;
import java.util.Optional;

/**
 * How full a cache is, and may be.
 *
 * @param usedBytes NAR bytes of all its paths, each counted in full: what sharing saves tells nothing
 * @param uploadBytesPerMinute what may be sent to it on the average
 */
public record Room(long usedBytes, Optional<Long> quotaBytes, Optional<Long> uploadBytesPerMinute) {
    static Room of(Row row) {
        return new Room(
                row.number("bytes"), row.maybeNumber("quota_bytes"), row.maybeNumber("upload_bytes_per_minute"));
    }

    /** @throws dev.narthex.problem.ProblemException TooLarge if a NAR of this size is too much */
    public void require(long narSize) {
        quotaBytes.filter(quota -> narSize > quota - usedBytes).ifPresent(quota -> {
            throw new Problem.TooLarge(
                            "quota",
                            "This cache may hold " + quota + " bytes as NARs and holds " + usedBytes
                                    + "; there is no room for this path. Ask an admin of this instance to raise quotaBytes.")
                    .asException();
        });
    }
}
