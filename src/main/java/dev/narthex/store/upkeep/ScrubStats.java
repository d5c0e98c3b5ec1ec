package dev.narthex.store.upkeep;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.db.Database;
import dev.narthex.store.pack.PackKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Statistics of the scrub: its progress and the damage it found. */
@ApplicationScoped
public class ScrubStats {
    private static final int MAX_DAMAGED_PACKS = 50;
    private static final String SELECT_STATS = """
            SELECT s.wanted_at, s.day_budget, CASE WHEN s.day = current_date THEN s.day_bytes ELSE 0 END AS day_bytes,
              min(p.verified_at) FILTER (WHERE p.verified_at > '-infinity') AS oldest,
              count(*) FILTER (WHERE p.verified_at = '-infinity') AS doubted,
              coalesce(sum(p.bytes) FILTER (WHERE p.verified_at < s.wanted_at AND p.verified_at > '-infinity'), 0) AS left_bytes,
              coalesce(sum(p.bytes), 0) AS bytes,
              (SELECT count(*) FROM pack WHERE state = 'Q') AS damaged,
              (SELECT count(*) FROM nar WHERE state = 'B') AS lost
            FROM scrub s LEFT JOIN pack p ON p.state = 'L' GROUP BY s.one""";

    private final Database database;

    ScrubStats(Database database) {
        this.database = database;
    }

    /**
     * Statistics of all packs in all domains.
     *
     * @param oldest the oldest time at which a pack was last verified
     * @param bytesToday bytes read today
     * @param shareToday bytes to be read today
     * @param doubted number of packs that seem damaged and are read next
     * @param wanted when a full verification was last requested
     * @param bytesLeft bytes that the full verification still has to read
     * @param bytes size of all live packs
     * @param damaged number of damaged packs; {@code packs} lists up to 50 of them
     * @param lost number of NARs that are not served until they are pushed again
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record ScrubProgress(
            Optional<Instant> oldest,
            long bytesToday,
            long shareToday,
            long doubted,
            Optional<Instant> wanted,
            long bytesLeft,
            long bytes,
            long damaged,
            long lost,
            List<DamagedPack> packs) {
        /** Whether a requested full verification is in progress. */
        public boolean running() {
            return bytesLeft > 0;
        }

        public long bytesDone() {
            return bytes - bytesLeft;
        }
    }

    /**
     * A damaged pack.
     *
     * @param path path in the backend
     * @param at when the damage was found
     * @param nars number of NARs that are damaged with it
     */
    public record DamagedPack(String path, long bytes, String damage, Instant at, long nars) {}

    public ScrubProgress query() {
        var packs = listDamagedPacks();
        var row = database.statement(SELECT_STATS).one();
        return new ScrubProgress(
                row.optionalInstant("oldest"),
                row.longValue("day_bytes"),
                row.longValue("day_budget"),
                row.longValue("doubted"),
                row.optionalInstant("wanted_at"),
                row.longValue("left_bytes"),
                row.longValue("bytes"),
                row.longValue("damaged"),
                row.longValue("lost"),
                packs);
    }

    private List<DamagedPack> listDamagedPacks() {
        return database.statement("""
                        SELECT d.code, p.key, p.copy, p.bytes, coalesce(p.damage, '') AS damage, p.verified_at,
                          (SELECT count(*) FROM pack_ref r JOIN nar n ON n.id = r.nar_id
                            WHERE r.pack_id = p.id AND n.state = 'B') AS nars
                        FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                        WHERE p.state = 'Q' ORDER BY p.verified_at DESC LIMIT :limit""")
                .bind("limit", MAX_DAMAGED_PACKS)
                .list(row -> new DamagedPack(
                        PackKey.of(row).path(),
                        row.longValue("bytes"),
                        row.string("damage"),
                        row.instant("verified_at"),
                        row.longValue("nars")));
    }
}
