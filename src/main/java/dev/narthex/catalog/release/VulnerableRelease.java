package dev.narthex.catalog.release;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A release with the known vulnerabilities that its publisher declared.
 *
 * @param released whether the release is served to clients
 * @param vulnerabilities as declared, such as {@code CVE-2021-23337}; may be empty
 * @param toldAt time of the latest metadata upload for one of its paths; empty if there was none
 * @param hashPart of one of its store paths
 */
public record VulnerableRelease(
        String ecosystem,
        String name,
        String normalized,
        String version,
        boolean released,
        List<String> vulnerabilities,
        Optional<Instant> toldAt,
        String hashPart) {
    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

    public VulnerableRelease {
        vulnerabilities = List.copyOf(vulnerabilities);
    }

    static VulnerableRelease of(Row row) {
        return new VulnerableRelease(
                row.string("ecosystem"),
                row.string("name"),
                row.string("normalized"),
                row.string("version"),
                row.bool("released"),
                JsonColumns.read(row.string("vulnerabilities"), TEXTS),
                row.optionalInstant("told_at"),
                row.string("hash_part"));
    }
}
