package dev.narthex.catalog.release;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.db.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A release in the list of a package's versions.
 *
 * @param size of the primary artifact in bytes
 * @param licence empty if not recorded
 * @param origin of the primary artifact's store path, see {@link PathInfo#origin}
 * @param whole whether the primary artifact is a whole store path
 * @param mainPath hash part of the primary artifact's store path
 * @param withdrawals kinds, see {@link dev.narthex.spi.Withdrawal#kind}
 */
public record ReleaseSummary(
        long id,
        String version,
        boolean prerelease,
        boolean released,
        Instant publishedAt,
        Optional<String> publishedBy,
        String origin,
        boolean whole,
        long size,
        String licence,
        String mainPath,
        List<String> withdrawals) {
    static ReleaseSummary of(Row row) {
        return new ReleaseSummary(
                row.longValue("id"),
                row.string("version"),
                row.bool("prerelease"),
                row.bool("released"),
                row.instant("published_at"),
                row.optionalString("published_by"),
                row.string("origin"),
                row.bool("whole"),
                row.longValue("length"),
                row.string("licence"),
                row.string("hash_part"),
                row.strings("withdrawals"));
    }
}
